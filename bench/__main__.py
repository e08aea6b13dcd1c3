"""Measure what a crawl costs against named yardsticks, and print it as tables."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from bench.cost import UnsoundTrialError
from bench.tables import memory_table, size_table, speed_table
from bench.trial import Trial, hold_trial

_RUNS = 3
_DOCUMENTS = 2000
_SMALL, _LARGE = 500, 5000
# Next to nothing to fetch: what such a crawl costs is its start and its end.
_EMPTY = 1
_FEW = 30
_WIDTH = 120


@click.command(help=__doc__)
@click.option("--runs", type=click.IntRange(min=1), default=_RUNS, show_default=True)
@click.option("--quick", is_flag=True, help="A few pages only, to see that everything works.")
def bench(*, runs: int, quick: bool) -> None:
    documents, small, large = (_FEW, _EMPTY, _FEW) if quick else (_DOCUMENTS, _SMALL, _LARGE)
    progress = Console(stderr=True)

    def trial(size: int) -> Trial:
        progress.print(f"a trial with {size:,} documents …")
        return hold_trial(size)

    try:
        # Trial after trial, not contestant after contestant: a slow minute hits all of them.
        rounds = [(trial(_EMPTY), trial(documents)) for _ in range(1 if quick else runs)]
        held = {one.documents: one for one in rounds[0]}
        memory = [held[size] if size in held else trial(size) for size in (small, large)]
    except UnsoundTrialError as error:
        raise click.ClickException(str(error)) from error
    start_ups, trials = [one for one, _ in rounds], [one for _, one in rounds]
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    for table in (speed_table(trials, start_ups), memory_table(*memory), size_table(trials)):
        console.print(table)


if __name__ == "__main__":
    bench()
