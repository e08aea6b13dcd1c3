"""What a large archive costs to ask, to add to and to pass through; `python -m bench.finding`.

Questions are asked in process, each of documents drawn by chance. What passes through the whole
archive, its verification and its exports, runs in processes of its own, for their memory.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from archive.archive import Archive
from archive.capture import Outcome
from archive.catalogue import Catalogue
from archive.database import open_for_writing
from archive.reading import Reader
from archive.runs import RunOutcome
from archive.selection import Selection
from bench.cost import cost_of
from bench.large import PORTAL, PlainReader, document_url, make_archive, page_capture
from bench.tables import plain_table

_PAGE = 20
_ROUNDS = 200

_MIB = 1024 * 1024
_EXPORTS = ("warc", "wacz", "bagit", "jsonl", "csv")
_THEN = 1_600_000_000_000
_CONFIGURATION = """
contact: bench@example.org
archive: {{path: large.db}}
portals:
  {portal}: {{name: 砚湖市人民政府, hosts: [www.example.org], columns: ["http://www.example.org/"]}}
"""

Ask = Callable[[int], object]


class Held(NamedTuple):
    """A large archive, and what its search index cost if it was made here."""

    path: Path
    documents: int
    versions: int
    index_cpu_seconds: float | None = None
    index_bytes: int | None = None


class PlainReaders:
    """Hands out the reader of such archives."""

    def current(self, portal: str) -> Reader:  # noqa: ARG002
        """The one reader that there is."""
        return PlainReader()

    def restore(self, name: str, settings: str) -> Reader | None:  # noqa: ARG002
        """The one reader that there is, if that is its name."""
        return PlainReader() if name == PlainReader.name else None


def hold_archive(folder: Path, documents: int, versions: int) -> Held:
    """Make an archive in `folder`, and index it."""
    path = folder / "large.db"
    make_archive(path, documents, versions)
    before = path.stat().st_size
    with Archive.open(path, PlainReaders()) as archive:
        began = time.process_time()
        archive.catch_up_index()
        archive.catch_up_attachments()
        cost = time.process_time() - began
    # The file's size is the archive's once nothing waits beside it.
    connection = open_for_writing(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return Held(path, documents, versions, cost, path.stat().st_size - before)


def finding_table(held: Held) -> Table:
    """How long questions take, and how long it takes to record an answer."""
    table = plain_table(
        f"Finding: {held.documents:,} documents with {held.versions} versions each,"
        f" {_ROUNDS} questions of a kind",
        "median, ms",
        "99th percentile, ms",
        caption=_cost_of_index(held),
    )
    draw = random.Random(1)  # noqa: S311 the same documents every time, and no secret
    chosen = [draw.randrange(held.documents) for _ in range(_ROUNDS)]
    with Catalogue.open(held.path, ZoneInfo("Asia/Shanghai")) as catalogue:
        for name, ask in _questions(catalogue).items():
            _add(table, name, ask, chosen)
    with Archive.open(held.path, PlainReaders()) as archive:
        archive.begin_run(PORTAL, "sweep")
        for name, ask in _answers(archive, held.versions).items():
            _add(table, name, ask, dict.fromkeys(chosen))
        archive.finish_run(RunOutcome.FINISHED)
    return table


def _cost_of_index(held: Held) -> str | None:
    if held.index_cpu_seconds is None or held.index_bytes is None:
        return None
    return (
        f"Making the index: CPU {held.index_cpu_seconds / held.documents * 1000:.1f} ms"
        f" and {held.index_bytes / held.documents:,.0f} bytes a document."
    )


def passing_table(held: Held) -> Table:
    """What it takes to pass through the whole archive, in processes of their own."""
    table = plain_table(
        f"Passing through {held.documents * held.versions:,} versions"
        f" ({held.path.stat().st_size / _MIB:,.0f} MiB)",
        "seconds",
        "peak memory, MiB",
        "size, MiB",
    )
    configuration = held.path.with_name("config.yaml")
    configuration.write_text(_CONFIGURATION.format(portal=PORTAL), encoding="utf-8")
    program = ("scheduler", "--config", str(configuration))
    cost, _ = cost_of(*program, "verify", "--json")
    table.add_row("verify", f"{cost.seconds:,.0f}", f"{cost.peak_bytes / _MIB:,.0f}", "")
    for form in _EXPORTS:
        target = held.path.with_name(f"exported.{form}")
        cost, _ = cost_of(*program, "export", form, str(target))
        size = _bytes_under(target)
        table.add_row(
            f"export {form}",
            f"{cost.seconds:,.0f}",
            f"{cost.peak_bytes / _MIB:,.0f}",
            f"{size / _MIB:,.0f}",
        )
    return table


def _bytes_under(target: Path) -> int:
    """How long a file is, or all files of a folder.

    They are not listed: what starts the next process must stay small.
    """
    if target.is_file():
        return target.stat().st_size
    return sum(
        Path(folder, name).stat().st_size for folder, _, names in os.walk(target) for name in names
    )


def _questions(catalogue: Catalogue) -> dict[str, Ask]:
    shown: dict[int, dict[str, str]] = {}

    def of(number: int) -> dict[str, str]:
        if number not in shown:
            shown[number] = catalogue.show(document_url(number))
        return shown[number]

    def search(words: Callable[[int], str], selection: Selection | None = None) -> Ask:
        return lambda number: list(islice(catalogue.search(words(number), selection), _PAGE))

    def listed(selection: Callable[[int], Selection]) -> Ask:
        return lambda number: list(catalogue.documents(selection(number), limit=_PAGE))

    def agency(number: int) -> Selection:
        return Selection(agency=of(number)["issuing_agency"][3:], validity="valid")

    then = Selection(as_of_ms=_THEN)
    return {
        "show, as of a moment": lambda number: catalogue.show(document_url(number), as_of_ms=_THEN),
        "history": lambda number: catalogue.history(document_url(number)),
        "changes, the newest page": lambda _: list(catalogue.changes(limit=_PAGE)),
        "list, a page": listed(lambda _: Selection()),
        "list, a page with two filters": listed(agency),
        "list, a page as of a moment": listed(lambda _: then),
        "search, a character in every title": search(lambda _: "关"),
        "search, one character": search(lambda number: of(number)["text"][20]),
        "search, two characters": search(lambda number: of(number)["text"][20:22]),
        "search, four characters": search(lambda number: of(number)["text"][20:24]),
        "search, a document number": search(lambda number: of(number)["document_number"]),
        "search, as of a moment": search(lambda number: of(number)["text"][20:22], then),
    }


def _answers(archive: Archive, versions: int) -> dict[str, Ask]:
    now = datetime.now(UTC)

    def unchanged(number: int) -> object:
        capture = page_capture(number, versions - 1, now)
        return archive.record(
            replace(capture, outcome=Outcome.UNCHANGED, status=304, body=None, reading=None)
        )

    return {
        "record, an unchanged capture": unchanged,
        "record, a new version": lambda number: archive.record(page_capture(number, versions, now)),
    }


def _add(
    table: Table, name: str, ask: Ask, chosen: Iterator[int] | list[int] | dict[int, None]
) -> None:
    times = []
    for number in chosen:
        began = time.perf_counter()
        ask(number)
        times.append((time.perf_counter() - began) * 1000)
    table.add_row(name, f"{median(times):.2f}", f"{quantiles(times, n=100)[98]:.2f}")


@click.command(help=__doc__)
@click.option("--documents", type=click.IntRange(min=100), default=200_000, show_default=True)
@click.option("--versions", type=click.IntRange(min=1), default=5, show_default=True)
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="One that was made with these figures before: it is written to, so give a copy.",
)
def main(*, documents: int, versions: int, archive: Path | None) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    with TemporaryDirectory() as folder:
        if archive is not None:
            held = Held(archive, documents, versions)
        else:
            Console(stderr=True).print("the archive is made, which can take an hour …")
            held = hold_archive(Path(folder), documents, versions)
        console.print(finding_table(held))
        console.print(passing_table(held))


if __name__ == "__main__":
    main()
