"""How fast the reading room answers twenty readers while a crawl writes; `python -m bench.room`.

The room is `yange serve` in a process of its own. Twenty readers ask it at the same time, each one
page after another without a pause, while another process records captures in the same archive at
the pace of a crawl. Pages are drawn by chance, so hardly any is asked for twice.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import click
import httpx
import orjson
from rich.console import Console

from archive.archive import Archive
from archive.capture import Capture, Outcome
from archive.room.settings import RoomSettings
from archive.room.sources import Sources
from archive.runs import RunOutcome
from archive.selection import Selection
from bench.finding import PlainReaders, hold_archive
from bench.large import HOST, PORTAL, PlainReader, document_url, page_capture
from bench.tables import plain_table
from scheduler.settings import Settings
from scheduler.works import Works

READERS = 20
ASKED = 15
_CRAWL_SECONDS = 0.05  # between two captures that are recorded
_NEWS = 50  # of so many captures one is a new version
_LONG = f"{HOST}/gk/long.html"
_LONG_LINES = 500  # of 68 characters, of three bytes each: 100 KB

Page = Callable[[random.Random], str]


def serve(path: Path) -> None:
    """Serve the room of an archive until told to stop; the first line printed is its address."""
    from archive.room.serving import serve_room

    sources = Sources(
        archive=path,
        zone=ZoneInfo("Asia/Shanghai"),
        readers=PlainReaders(),
        works=Works(_settings(path)),
        settings=RoomSettings(asks_a_minute=1_000_000),
    )
    serve_room(sources, host="127.0.0.1", port=0, opened=lambda address: print(address, flush=True))


def _settings(path: Path) -> Settings:
    portal = {"name": "砚湖市人民政府", "hosts": ["www.example.org"], "columns": [HOST]}
    return Settings.model_validate(
        {
            "contact": "bench@example.org",
            "archive": {"path": path},
            "portals": {PORTAL: portal},
        }
    )


def crawl(path: Path) -> None:
    """Record captures at the pace of a crawl, until killed: some of new versions, most of none."""
    draw = random.Random(2)  # noqa: S311 the same documents every time, and no secret
    with Archive.open(path, PlainReaders()) as archive:
        archive.begin_run(PORTAL, "recheck")
        for edition in range(1000, 1_000_000):
            capture = page_capture(draw.randrange(2000), edition, datetime.now(UTC))
            if draw.randrange(_NEWS):
                capture = replace(
                    capture, outcome=Outcome.UNCHANGED, status=304, body=None, reading=None
                )
            archive.record(capture)
            time.sleep(_CRAWL_SECONDS)


def prepare(path: Path) -> tuple[int, int]:
    """Record two versions of a text of 100 KB; its document, and how many documents there are."""
    draw = random.Random(3)  # noqa: S311 the same text every time, and no secret
    lines = [
        "".join(chr(draw.randrange(0x4E00, 0x9FA0)) for _ in range(68)) for _ in range(_LONG_LINES)
    ]
    with Archive.open(path, PlainReaders()) as archive:
        archive.begin_run(PORTAL, "sweep")
        for _ in range(2):
            stated = {"title": "长文", "validity": "valid", "lines": lines}
            body = orjson.dumps(stated)
            archive.record(
                Capture(
                    url=_LONG,
                    at=datetime.now(UTC),
                    outcome=Outcome.DOCUMENT,
                    status=200,
                    headers={"content-type": "application/json"},
                    body=body,
                    reading=PlainReader().read(body, url=_LONG),
                )
            )
            # Each twentieth line revised, one gone, one new.
            lines = [
                f"{line[:30]}改{line[31:]}" if place % 20 == 0 else line
                for place, line in enumerate(lines)
            ]
            del lines[100]
            lines.insert(300, "新增的一行。" * 10)
        archive.finish_run(RunOutcome.FINISHED)
    from archive.catalogue import Catalogue

    with Catalogue.open(path, ZoneInfo("Asia/Shanghai")) as catalogue:
        return catalogue.find(_LONG), catalogue.totals()["documents"]


def pages(long: int, documents: int, words: list[str], categories: list[str]) -> dict[str, Page]:
    """The pages that are asked for, by kind."""

    def document(draw: random.Random) -> int:
        return draw.randrange(1, documents)

    return {
        "changes": lambda draw: f"/changes?baseline=1&before={draw.randrange(100, documents)}",
        "changes of one kind": lambda draw: f"/changes?kind=validity&run={draw.randrange(2, 5)}",
        "documents": lambda draw: f"/documents?page={draw.randrange(1, 200)}",
        "documents of a category": lambda draw: (
            f"/documents?category={draw.choice(categories)}&validity=valid"
        ),
        "search, two characters": lambda draw: f"/documents?q={draw.choice(words)}",
        "a document": lambda draw: f"/documents/{document(draw)}",
        "a version": lambda draw: f"/documents/{document(draw)}/versions/1",
        "a comparison": lambda draw: f"/documents/{document(draw)}/compare/1...2",
        "a comparison of 100 KB": lambda _: f"/documents/{long}/compare/1...2",
        "runs": lambda _: "/runs",
        "holdings": lambda _: "/holdings",
        "what does not fit": lambda draw: f"/conflicts?page={draw.randrange(1, 9)}",
        "API: documents": lambda draw: f"/api/documents?offset={draw.randrange(5000)}",
        "API: a document": lambda draw: f"/api/documents/{document(draw)}",
        "API: changes": lambda draw: f"/api/changes?cursor={draw.randrange(100, documents)}",
        "feed": lambda _: "/feed.atom?kind=validity",
    }


def measured(
    address: str, kinds: dict[str, Page], readers: int, asked: int
) -> Iterator[tuple[str, list[float], int]]:
    """Each kind of page, how many ms it took each time, and how often it was not answered."""
    for name, page in kinds.items():
        failures: list[int] = []

        def read(seed: int, page: Page = page, failures: list[int] = failures) -> list[float]:
            draw, times = random.Random(seed), []  # noqa: S311 no secret
            with httpx.Client(base_url=address, timeout=60) as client:
                client.get("/login")  # a connection, as a browser has one
                for _ in range(asked):
                    began = time.perf_counter()
                    status = client.get(page(draw)).status_code
                    times.append((time.perf_counter() - began) * 1000)
                    if status != 200:
                        failures.append(status)
            return times

        with ThreadPoolExecutor(readers) as pool:
            times = [one for found in pool.map(read, range(readers)) for one in found]
        yield name, times, len(failures)


@contextmanager
def _beside(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.room", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()


@click.group(invoke_without_command=True, help=__doc__)
@click.option("--archive", type=click.Path(exists=True, path_type=Path), help="One of bench.large.")
@click.option("--documents", type=click.IntRange(min=1000), default=200_000, show_default=True)
@click.option("--versions", type=click.IntRange(min=2), default=5, show_default=True)
@click.option("--readers", type=click.IntRange(min=1), default=READERS, show_default=True)
@click.option("--asked", type=click.IntRange(min=1), default=ASKED, help="Of a kind, by each.")
@click.pass_context
def main(
    ctx: click.Context,
    *,
    archive: Path | None,
    documents: int,
    versions: int,
    readers: int,
    asked: int,
) -> None:
    if ctx.invoked_subcommand is not None:
        return
    console = Console(width=None if sys.stdout.isatty() else 120)
    with TemporaryDirectory() as folder:
        path = archive or hold_archive(Path(folder), documents, versions).path
        long, held = prepare(path)
        words, categories = _words(path), _categories(path)
        table = plain_table(
            f"The reading room: {readers} readers at once while a crawl writes; {held:,} documents,"
            f" {readers * asked} pages of a kind",
            "median, ms",
            "99th percentile, ms",
            "not answered",
        )
        with _beside("serving", str(path)) as room:
            assert room.stdout is not None
            address = room.stdout.readline().strip()
            with _beside("crawling", str(path)):
                for name, times, failed in measured(
                    address, pages(long, held, words, categories), readers, asked
                ):
                    table.add_row(
                        name,
                        f"{median(times):,.0f}",
                        f"{quantiles(times, n=100)[98]:,.0f}",
                        str(failed or ""),
                    )
        console.print(table)


@main.command(hidden=True)
@click.argument("path", type=click.Path(path_type=Path))
def serving(path: Path) -> None:
    serve(path)


@main.command(hidden=True)
@click.argument("path", type=click.Path(path_type=Path))
def crawling(path: Path) -> None:
    crawl(path)


def _words(path: Path) -> list[str]:
    """Words of two characters that stand in the archive's texts."""
    from archive.catalogue import Catalogue

    with Catalogue.open(path, ZoneInfo("Asia/Shanghai")) as catalogue:
        texts = [catalogue.show(document_url(number))["text"] for number in range(100)]
    return [text[20:22] for text in texts]


def _categories(path: Path) -> list[str]:
    from archive.catalogue import Catalogue

    with Catalogue.open(path, ZoneInfo("Asia/Shanghai")) as catalogue:
        return [str(value) for value, _ in catalogue.facets(Selection()).category]


if __name__ == "__main__":
    main()
