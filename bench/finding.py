"""How long questions to an archive take, in process; `python -m bench.finding` asks a large one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from archive.catalogue import Catalogue
from archive.database import open_for_writing
from archive.search.index import catch_up
from archive.selection import Selection
from bench.large import document_url, make_archive
from bench.tables import plain_table

_PAGE = 20
_ROUNDS = 5
_VERSIONS = 2


def finding_table(documents: int, versions: int = _VERSIONS) -> Table:
    """Make an archive of so many documents with so many versions each, and ask it questions."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "large.db"
        make_archive(path, documents, versions)
        before = path.stat().st_size
        connection = open_for_writing(path)
        began = time.process_time()
        catch_up(connection, lambda _done, _total: None)
        cost = time.process_time() - began
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        grown = path.stat().st_size - before
        table = plain_table(
            f"Finding: {documents:,} documents with {versions} versions each, best of {_ROUNDS}",
            "ms",
            caption=f"Making the index: CPU {cost / documents * 1000:.1f} ms and"
            f" {grown / documents:,.0f} bytes a document.",
        )
        with Catalogue.open(path, ZoneInfo("Asia/Shanghai")) as catalogue:
            for name, ask in _questions(catalogue, documents).items():
                table.add_row(name, f"{_best(ask) * 1000:.1f}")
    return table


def _questions(catalogue: Catalogue, documents: int) -> dict[str, Callable[[], object]]:
    url = document_url(documents // 2)
    shown = catalogue.show(url)
    rare = shown["text"][20:24]
    agency = shown["issuing_agency"][3:]
    then = Selection(as_of_ms=1_600_000_000_000)

    def search(words: str, selection: Selection | None = None) -> Callable[[], object]:
        return lambda: list(islice(catalogue.search(words, selection), _PAGE))

    def listed(selection: Selection) -> Callable[[], object]:
        return lambda: list(catalogue.documents(selection, limit=_PAGE))

    return {
        "search, a character in every title": search("关"),
        "search, one character": search(rare[0]),
        "search, two characters": search(rare[:2]),
        "search, four characters": search(rare),
        "search, a document number": search(shown["document_number"]),
        "search, as of a moment": search(rare[:2], then),
        "list, a page": listed(Selection()),
        "list, a page with two filters": listed(Selection(agency=agency, validity="valid")),
        "list, a page as of a moment": listed(then),
        "show, as of a moment": lambda: catalogue.show(url, as_of_ms=then.as_of_ms),
        "history": lambda: catalogue.history(url),
        "changes, the newest page": lambda: list(catalogue.changes(limit=_PAGE)),
    }


def _best(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return min(times)


@click.command(help=__doc__)
@click.option("--documents", type=click.IntRange(min=1), default=200_000, show_default=True)
@click.option("--versions", type=click.IntRange(min=1), default=5, show_default=True)
def main(*, documents: int, versions: int) -> None:
    Console(width=None if sys.stdout.isatty() else 120).print(finding_table(documents, versions))


if __name__ == "__main__":
    main()
