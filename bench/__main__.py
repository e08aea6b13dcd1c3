"""Measure what a crawl costs against named yardsticks, and print it as tables."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from bench.cost import UnsoundTrialError
from bench.tables import memory_table, size_table, speed_table
from bench.trial import Trial, hold_trial

_DOCUMENTS = 2000
_MEMORY = (500, 5000)
_RUNS = 3
# Next to nothing to fetch: what such a crawl costs is its start and its end.
_EMPTY = 1
_QUICK_DOCUMENTS = 30


@click.command(help=__doc__)
@click.option("--runs", type=click.IntRange(min=1), default=_RUNS, show_default=True)
@click.option("--documents", type=click.IntRange(min=2), default=_DOCUMENTS, show_default=True)
@click.option("--quick", is_flag=True, help="A few pages only, to see that everything works.")
def bench(*, runs: int, documents: int, quick: bool) -> None:
    sizes = (_EMPTY, _QUICK_DOCUMENTS) if quick else _MEMORY
    plan = [_EMPTY, _QUICK_DOCUMENTS] if quick else [_EMPTY, documents] * runs
    trials: dict[int, list[Trial]] = {}
    console = Console(width=None if sys.stdout.isatty() else 160)
    progress = Console(stderr=True)
    # Contestants take turns, trial after trial, so that a slow minute hits all of them.
    for size in (*plan, *(size for size in sizes if size not in plan)):
        progress.print(f"a trial with {size:,} documents …")
        try:
            trials.setdefault(size, []).append(hold_trial(size))
        except UnsoundTrialError as error:
            raise click.ClickException(str(error)) from error
    main = trials[plan[1]]
    console.print(speed_table(main, trials[_EMPTY]))
    console.print(memory_table(*(trials[size][0] for size in sizes)))
    console.print(size_table(main))


if __name__ == "__main__":
    bench()
