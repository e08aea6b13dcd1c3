"""Simulate rechecks of a large portal, and print how late changes are noticed as a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from statistics import mean

import click
from rich.console import Console
from rich.table import Table

from bench.changing_portals import PORTALS, Generator
from bench.freshness import (
    Delays,
    Informed,
    Oracle,
    Policy,
    RoundRobin,
    World,
    Yange,
    bound,
    delays_of,
)
from bench.tables import plain_table

_DOCUMENTS, _FEW = 30_000, 120
_NIGHTS = 15  # in which every document could be asked once
_WIDTH = 120
_SEEDS = 3
_ORACLE = "knowing every rate (oracle)"
_BOUND = "square-root law, even intervals"


@click.command(help=__doc__)
@click.option("--seeds", type=click.IntRange(min=1), default=_SEEDS, show_default=True)
@click.option("--documents", type=click.IntRange(min=1), default=_DOCUMENTS, show_default=True)
@click.option("--portal", "names", type=click.Choice(list(PORTALS)), multiple=True)
@click.option("--quick", is_flag=True, help="A small portal, once, to see that everything works.")
def freshness(*, seeds: int, documents: int, names: tuple[str, ...], quick: bool) -> None:
    if quick:
        documents, seeds = _FEW, 1
    budget = -(-documents // _NIGHTS)
    progress = Console(stderr=True)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    for name in names or PORTALS:
        found = []
        for seed in range(seeds):
            progress.print(f"a portal {name}, seed {seed} …")
            found.append(_delays(PORTALS[name], documents, budget, seed))
        console.print(_table(name, documents, budget, found))


def _delays(generator: Generator, documents: int, budget: int, seed: int) -> dict[str, Delays]:
    world = World(generator, documents, seed)
    policies: dict[str, Callable[[], Policy]] = {
        "round-robin": lambda: RoundRobin(world),
        "yange": lambda: Yange(world),
        "knowing how rates are drawn": lambda: Informed(world, generator),
        _ORACLE: lambda: Oracle(world),
    }
    found = {name: delays_of(world, policy(), budget) for name, policy in policies.items()}
    return {**found, _BOUND: bound(world, budget)}


def _table(name: str, documents: int, budget: int, found: Sequence[dict[str, Delays]]) -> Table:
    table = plain_table(
        f"Freshness: a portal {name}, {documents:,} documents, {budget:,} requests a night, "
        f"{len(found)} seeds",
        *("days to detection", "× oracle", "(range)"),
        *("by legal force", "× oracle", "(range)"),
        caption="Mean of all changes in the second year; by legal force: weighted by it.",
    )
    for policy in found[0]:
        cells: list[str] = []
        for column in ("plain", "weighted"):
            days = [getattr(one[policy], column) for one in found]
            ratios = [getattr(one[policy], column) / getattr(one[_ORACLE], column) for one in found]
            cells += [
                f"{mean(days):.2f}",
                f"{mean(ratios):.2f}",
                f"{min(ratios):.2f}–{max(ratios):.2f}",
            ]
        table.add_row(policy, *cells)
    return table


if __name__ == "__main__":
    freshness()
