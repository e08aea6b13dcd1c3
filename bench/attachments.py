"""What it takes to read attachments, time and memory by format; `python -m bench.attachments`.

Small files are those of the tests, which a real program has made; long ones are made here.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import psutil
from rich.console import Console

from archive.attachments.process import FileReader
from bench.tables import plain_table

_FILES = Path(__file__).parent.parent / "tests" / "files"
_SMALL = ("fees.pdf", "scanned.pdf", "fees.docx", "fees.doc", "fees.xlsx", "fees.xls")
_PAGES, _PARAGRAPHS, _ROWS = 100, 5000, 20_000
_SENTENCE = "第{}条 居民以户为单位按月缴费，餐饮经营户按平方米缴费，由市城市管理局负责解释。"


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Little of everything, to see that it works.")
def attachments(*, quick: bool) -> None:
    rounds, part = (1, 0.02) if quick else (20, 1.0)
    table = plain_table(
        "Attachments: each read in a process of its own",
        *("KiB", "characters", "ms a file", "CPU ms", "MiB"),
        caption="ms: from the bytes to the text, waiting included; MiB: the most that the process "
        "had in memory. What its start takes stands in the first row.",
    )
    began = time.perf_counter()
    with closing(FileReader()) as reader:
        reader.read(b"nothing")
        started = time.perf_counter() - began
        table.add_row("its start", "", "", f"{started * 1000:,.0f}", "", f"{_memory(reader):,.0f}")
    for name in _SMALL:
        body = (_FILES / name).read_bytes()
        table.add_row(name, *_measured(body, rounds))
    for name, body in _long(part):
        table.add_row(name, *_measured(body, 1))
    Console(width=None if sys.stdout.isatty() else 100).print(table)


def _measured(body: bytes, rounds: int) -> Iterator[str]:
    with closing(FileReader()) as reader:
        # The first file of a format pays for its library.
        found = reader.read(body)
        used, began = _cpu(reader), time.perf_counter()
        for _ in range(rounds):
            reader.read(body)
        took, used = time.perf_counter() - began, _cpu(reader) - used
        yield f"{len(body) / 1024:,.0f}"
        yield f"{len(found.text):,}" if found.text else found.outcome.value
        yield f"{took / rounds * 1000:,.1f}"
        yield f"{used / rounds * 1000:,.1f}"
        yield f"{_memory(reader):,.0f}"


def _long(part: float) -> Iterator[tuple[str, bytes]]:
    """Files as long as the longest that portals have, or a part of that."""
    import docx
    import openpyxl
    import pypdfium2

    pages = max(1, int(_PAGES * part))
    with pypdfium2.PdfDocument(_FILES / "fees.pdf") as one:
        many = pypdfium2.PdfDocument.new()
        for _ in range(pages):
            many.import_pages(one)
        packed = io.BytesIO()
        many.save(packed)
        yield f"PDF, {pages} pages with tables", packed.getvalue()
    document = docx.Document()
    paragraphs = int(_PARAGRAPHS * part)
    for number in range(paragraphs):
        document.add_paragraph(_SENTENCE.format(number))
    packed = io.BytesIO()
    document.save(packed)
    yield f"Word, {paragraphs:,} paragraphs", packed.getvalue()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("表")
    rows = int(_ROWS * part)
    for number in range(rows):
        sheet.append([number, "餐饮经营户", number * 1.25, "平方米·月"])
    packed = io.BytesIO()
    book.save(packed)
    yield f"Excel, {rows:,} rows", packed.getvalue()


def _cpu(reader: FileReader) -> float:
    times = psutil.Process(reader.pid).cpu_times()
    return float(times.user + times.system)


def _memory(reader: FileReader) -> float:
    """The most that the process has had in memory, in MiB."""
    status = Path(f"/proc/{reader.pid}/status").read_text()
    return next(
        int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")
    )


if __name__ == "__main__":
    attachments()
