"""What a crawl on another machine costs, step by step, and how a fleet grows with its workers.

Redis, the daemon, all workers and the portals share this machine's cores, which the last table
names: with more workers than cores it shows what they cost one another, and not what machines of
their own would give. What the first table says of one core is what larger fleets are computed from.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.cost import UnsoundTrialError
from bench.fleet_course import Course, hold_course
from bench.fleet_steps import Step, hold_steps
from bench.tables import plain_table

_DOCUMENTS, _FEW = 3000, 30
_PORTALS, _DOCUMENTS_EACH, _WORKERS = 8, 1500, (1, 2, 4)
_WIDTH = 120


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="A few pages only, to see that everything works.")
def bench(*, quick: bool) -> None:
    progress = Console(stderr=True)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    documents = _FEW if quick else _DOCUMENTS
    portals, each = (2, _FEW) if quick else (_PORTALS, _DOCUMENTS_EACH)
    try:
        with tempfile.TemporaryDirectory(prefix="yange-bench-") as folder:
            progress.print(f"an order of {documents:,} documents, step by step …")
            console.print(_steps_table(hold_steps(Path(folder), documents)))
        courses = []
        for workers in (0, *(_WORKERS[:1] if quick else _WORKERS)):
            with tempfile.TemporaryDirectory(prefix="yange-bench-") as folder:
                progress.print(f"{portals} portals, {workers or 'no'} workers …")
                courses.append(hold_course(Path(folder), portals, each, workers))
        console.print(_courses_table(courses))
    except UnsoundTrialError as error:
        raise click.ClickException(str(error)) from error


def _steps_table(steps: list[Step]) -> Table:
    table = plain_table(
        f"One portal of {steps[0].documents:,} documents, {steps[0].pages:,} pages:"
        " a crawl, and the same crawl as an order",
        *("pages/s", "CPU ms/page", "× crawl", "peak MiB", "bytes written a page"),
        caption="Pages a second of a process by itself, its start included. What ingesting leaves"
        " in the archive is what the crawl leaves there.",
    )
    for step in steps:
        crawl = next(one for one in steps if one.is_crawl and one.sweep == step.sweep)
        cpu = step.cost.cpu_seconds / step.pages
        table.add_row(
            f"{step.name}, {step.sweep}",
            f"{step.pages / step.cost.seconds:,.0f}",
            f"{cpu * 1000:.2f}",
            f"{step.cost.cpu_seconds / crawl.cost.cpu_seconds:.2f}",
            f"{step.cost.peak_bytes / (1 << 20):,.0f}",
            f"{step.written / step.pages:,.0f}",
        )
    return table


def _courses_table(courses: list[Course]) -> Table:
    one = courses[0]
    cores = len(os.sched_getaffinity(0))
    table = plain_table(
        f"A fleet: {one.portals} portals of {one.pages // one.portals:,} pages each, delay 0,"
        f" everything on {cores} cores",
        *("seconds", "pages/s", "× one process"),
        caption="From the first order to the last page recorded. One process: the portals crawled"
        " one after another. A worker carries out one crawl at a time.",
    )
    for course in courses:
        name = "one process" if not course.workers else f"workers: {course.workers}"
        table.add_row(
            name,
            f"{course.seconds:,.1f}",
            f"{course.pages / course.seconds:,.0f}",
            f"{one.seconds / course.seconds:.2f}",
        )
    return table


if __name__ == "__main__":
    bench()
