"""One portal, crawled as it is usually and as an order: what each step costs by itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import yaml

from archive.archive import Archive
from bench.cost import Cost, cost_of
from bench.portal import list_pages
from bench.server import serving
from bench.settings import configuration
from crawler.order import Mode, Order
from crawler.orders.writing import write_order
from scheduler.configuration import load
from scheduler.readers import Readers

PORTAL = "bench"
_SWEEPS = ("all new", "the same bytes")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of one sweep; `written` are the bytes of what it leaves behind."""

    name: str
    sweep: str
    documents: int
    pages: int
    cost: Cost
    written: int
    is_crawl: bool = False


def hold_steps(folder: Path, documents: int) -> list[Step]:
    """Sweep a portal of so many documents twice, each way. Raises UnsoundTrialError."""
    pages = documents + list_pages(documents)
    steps: list[Step] = []
    with serving(documents) as port:
        usual, by_order = (_configured(folder / name, port) for name in ("usual", "by-order"))
        for number, sweep in enumerate(_SWEEPS):

            def note(
                name: str, cost: Cost, written: int, sweep: str = sweep, *, is_crawl: bool = False
            ) -> None:
                steps.append(Step(name, sweep, documents, pages, cost, written, is_crawl))

            before = _size(usual)
            crawl = _run(usual, "crawl", "--mode", "sweep")
            note("crawl", crawl, _size(usual) - before, is_crawl=True)

            order, spool = folder / f"{number}.order", folder / f"{number}.warc.gz"
            began, cpu = time.monotonic(), time.process_time()
            _write_order(by_order, order)
            writing = Cost(time.monotonic() - began, time.process_time() - cpu, 0)
            note("writing the order", writing, order.stat().st_size)
            carried_out = _run(by_order, "execute", str(order), "--spool", str(spool))
            note("carrying it out", carried_out, spool.stat().st_size)
            before = _size(by_order)
            ingested = _run(by_order, "ingest", str(spool))
            note("ingesting its spool", ingested, _size(by_order) - before)
    return steps


def _configured(folder: Path, port: int) -> Path:
    folder.mkdir()
    path = folder / "config.yaml"
    settings = configuration(port, folder / "bench.db")
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def _run(config: Path, *arguments: str) -> Cost:
    cost, _ = cost_of("scheduler", "--config", str(config), *arguments)
    return cost


def _size(config: Path) -> int:
    return sum(one.stat().st_size for one in config.parent.glob("bench.db*"))


def _write_order(config: Path, path: Path) -> None:
    settings = load(config).settings
    portal = settings.portals[PORTAL]
    order = Order(
        portal=PORTAL,
        settings=portal,
        mode=Mode.SWEEP,
        columns=[one.url for one in portal.columns],
        contact=settings.contact,
        version=version("yange"),
    )
    with Archive.open(settings.archive.path_of(PORTAL), Readers(settings)) as archive:
        write_order(order, archive, path)
