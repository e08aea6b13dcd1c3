"""The trials as tables: every figure with its ratio to the yardstick of the same trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from rich import box
from rich.table import Table

from bench.settings import CONCURRENCY
from bench.trial import Crawl, Trial

_MIB = 1024 * 1024


def speed_table(trials: Sequence[Trial], start_ups: Sequence[Trial]) -> Table:
    """Rate and processor time of each crawl; `start_ups` are trials of next to no pages."""
    one = trials[0]
    table = plain_table(
        f"Speed: {one.documents:,} documents, {one.pages:,} pages of "
        f"{one.received_bytes / one.documents / 1000:.0f} KB, concurrency {CONCURRENCY}, "
        f"{_said(trials)}",
        *("pages/s", "× bare", "(range)", "CPU ms/page", "× bare", "net CPU ms/page", "× bare"),
        caption="CPU: user and system time of the crawl's process, divided by its pages; "
        "net: without what a crawl of one document takes.",
    )
    start_up = _start_up(start_ups)
    for crawl in Crawl:
        rates = [_rate(trial, crawl) for trial in trials]
        shares = [_rate(trial, crawl) / _rate(trial, Crawl.BARE) for trial in trials]
        cpu = [_cpu(trial, crawl) for trial in trials]
        cpu_shares = [_cpu(trial, crawl) / _cpu(trial, Crawl.BARE) for trial in trials]
        net = [_net_cpu(trial, crawl, start_up) for trial in trials]
        net_shares = [
            _net_cpu(trial, crawl, start_up) / _net_cpu(trial, Crawl.BARE, start_up)
            for trial in trials
        ]
        table.add_row(
            crawl,
            f"{median(rates):,.0f}",
            f"{median(shares):.2f}",
            f"{min(shares):.2f}–{max(shares):.2f}",
            f"{median(cpu) * 1000:.2f}",
            f"{median(cpu_shares):.2f}",
            f"{median(net) * 1000:.2f}",
            f"{median(net_shares):.2f}",
        )
    return table


def memory_table(small: Trial, large: Trial) -> Table:
    """Peak memory of each crawl at two sizes of the portal."""
    table = plain_table(
        "Memory: peak of the crawl's process in MiB, one trial each",
        *(f"{small.documents:,} documents", "× bare", f"{large.documents:,} documents", "× bare"),
        "growth",
    )
    for crawl in Crawl:
        peaks = [trial.costs[crawl].peak_bytes for trial in (small, large)]
        bare = [trial.costs[Crawl.BARE].peak_bytes for trial in (small, large)]
        cells = [
            cell
            for peak, yardstick in zip(peaks, bare, strict=True)
            for cell in (f"{peak / _MIB:.0f}", f"{peak / yardstick:.2f}")
        ]
        table.add_row(crawl, *cells, f"{peaks[1] / peaks[0]:.2f}")
    return table


def size_table(trials: Sequence[Trial]) -> Table:
    """What a document takes up in the archive after each sweep."""
    table = plain_table("Size: bytes a document", "bytes", "× gzip of each page by itself")

    def row(name: str, size: Callable[[Trial], float]) -> None:
        sizes = [size(trial) / trial.documents for trial in trials]
        shares = [size(trial) / trial.gzipped_bytes for trial in trials]
        table.add_row(name, f"{median(sizes):,.0f}", f"{median(shares):.2f}")

    row("page as received", lambda trial: trial.received_bytes)
    row("page, gzipped by itself", lambda trial: trial.gzipped_bytes)
    row("archive after the first sweep", lambda trial: trial.archive_bytes[Crawl.FIRST])
    for crawl, earlier in ((Crawl.UNCHANGED, Crawl.FIRST), (Crawl.MOVED, Crawl.UNCHANGED)):
        row(f"added by the {crawl}", _growth(crawl, earlier))
    return table


def _growth(crawl: Crawl, earlier: Crawl) -> Callable[[Trial], float]:
    return lambda trial: trial.archive_bytes[crawl] - trial.archive_bytes[earlier]


def _rate(trial: Trial, crawl: Crawl) -> float:
    return trial.pages / trial.costs[crawl].seconds


def _cpu(trial: Trial, crawl: Crawl) -> float:
    return trial.costs[crawl].cpu_seconds / trial.pages


def _start_up(start_ups: Sequence[Trial]) -> dict[Crawl, float]:
    """Processor time of each crawl before and after its pages."""
    return {crawl: median(trial.costs[crawl].cpu_seconds for trial in start_ups) for crawl in Crawl}


def _net_cpu(trial: Trial, crawl: Crawl, start_up: dict[Crawl, float]) -> float:
    return (trial.costs[crawl].cpu_seconds - start_up[crawl]) / trial.pages


def _said(trials: Sequence[Trial]) -> str:
    return "one trial" if len(trials) == 1 else f"median of {len(trials)} trials"


def plain_table(title: str, *headings: str, caption: str | None = None) -> Table:
    """An empty table; the first column is for names."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table
