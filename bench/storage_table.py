"""Measure how small an archive keeps pages, against other stores and the limit."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console
from rich.table import Table

from bench.corpus import VERSIONS, Corpus
from bench.stores import Git, Gzip, Kept, Limit, Store, Warc, Yange
from bench.tables import plain_table

_DOCUMENTS = 5000
_FEW = 60
_CONFIRMATIONS = 10_000
_WIDTH = 130
_AIM_LIMIT, _AIM_WARC, _AIM_REVISION, _AIM_ROWS = 1.4, 0.2, 150, 600


class Held(NamedTuple):
    """A store at the end: bytes that each sweep added, seconds to write all and to read all."""

    name: str
    added: Sequence[int]
    writing: float
    reading: float


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="A few pages only, to see that everything works.")
def bench(*, quick: bool) -> None:
    documents = _FEW if quick else _DOCUMENTS
    progress = Console(stderr=True)
    corpus = Corpus(documents)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    with tempfile.TemporaryDirectory(prefix="yange-bench-") as folder:
        yange = Yange(Path(folder))
        stores: list[Store] = [yange, Warc(Path(folder)), Git(Path(folder)), Gzip(), Limit()]
        tables: list[dict[str, int]] = [{}]
        kept: dict[str, list[Kept]] = {store.name: [] for store in stores}
        for version in range(VERSIONS):
            pages = list(corpus.pages(version))
            for store in stores:
                progress.print(f"{store.name}: sweep {version + 1} of {VERSIONS} …")
                kept[store.name].append(store.keep(pages))
            tables.append(yange.tables())
        held = [_held(store, kept[store.name]) for store in stores]
        confirmed = documents if quick else _CONFIRMATIONS
        for _ in range(confirmed // documents):
            yange.confirm(pages)
        tables.append(yange.tables())
        received = sum(len(page.body) for page in pages) / documents
    crawled = Held(
        "yange, as crawled",
        [one.bytes for one in yange.crawled],
        sum(one.seconds for one in yange.crawled),
        held[0].reading,
    )
    console.print(_pages_table([crawled, *held], documents, received))
    console.print(_rows_table(tables, documents, confirmed))


def _pages_table(stores: Sequence[Held], documents: int, received: float) -> Table:
    table = plain_table(
        f"Storage: {documents:,} pages of {received / 1000:.0f} KB, {VERSIONS} versions each",
        *("first version", "× limit", "× .warc.gz", "one word more", "a sentence, redesigned"),
        *("ms to write", "ms to read"),
        caption=f"Bytes a page. Aims: a first version of at most {_AIM_LIMIT} × the limit and"
        f" {_AIM_WARC} × .warc.gz, one of one word more of at most {_AIM_REVISION} bytes. The limit"
        " is xz over everything.",
    )
    first = {one.name: one.added[0] for one in stores}
    pages = documents * VERSIONS
    for one in stores:
        table.add_row(
            one.name,
            f"{one.added[0] / documents:,.0f}",
            f"{one.added[0] / first[Limit.name]:.2f}",
            f"{one.added[0] / first[Warc.name]:.2f}",
            *(f"{added / documents:,.0f}" for added in one.added[1:]),
            f"{one.writing / pages * 1000:.2f}",
            f"{one.reading / pages * 1000:.2f}",
        )
    return table


def _rows_table(tables: Sequence[dict[str, int]], documents: int, confirmed: int) -> Table:
    table = plain_table(
        "Rows: bytes of the archive's file by table, with its indexes",
        *("a first version", "one word more", "a sentence, redesigned", "a confirmation"),
        caption=f"A confirmation is a capture that saw nothing new; {confirmed:,} of them. Aim: one"
        f" word more takes at most {_AIM_ROWS} bytes in all tables together.",
    )
    counts = [*[documents] * VERSIONS, confirmed]

    def grown(name: str) -> list[float]:
        return [
            (after.get(name, 0) - before.get(name, 0)) / count
            for (before, after), count in zip(pairwise(tables), counts, strict=True)
        ]

    names = sorted(tables[-1], key=lambda name: -tables[-1][name])
    sums = [0.0] * len(counts)
    for name in names:
        row = grown(name)
        sums = [total + one for total, one in zip(sums, row, strict=True)]
        if max(row) >= 1:
            table.add_row(name, *(f"{one:,.0f}" for one in row))
    table.add_row("all", *(f"{one:,.0f}" for one in sums))
    return table


def _held(store: Store, kept: Sequence[Kept]) -> Held:
    began = time.monotonic()
    for _ in store.read():
        pass
    reading = time.monotonic() - began
    sizes = [0, *(one.bytes for one in kept)]
    added = [after - before for before, after in pairwise(sizes)]
    return Held(store.name, added, sum(one.seconds for one in kept), reading)


if __name__ == "__main__":
    bench()
