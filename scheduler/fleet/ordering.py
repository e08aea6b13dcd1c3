"""Writing the order for one that is due, and the ticket that it is published by."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from archive.archive import Archive
from crawler.order import Mode, Order
from crawler.orders.writing import write_order
from scheduler.due import Due
from scheduler.fleet.hosts import keys_of
from scheduler.fleet.open_orders import OpenOrder
from scheduler.fleet.papers import digest
from scheduler.fleet.ticket import FITTING, Ticket
from scheduler.readers import Readers
from scheduler.settings import Settings


def write(due: Due, settings: Settings, daemon: str, path: Path) -> OpenOrder:
    """Write the order to `path`, with all that the archive knows for it. Raises YangeError."""
    asked = _asked(due, settings)
    path.unlink(missing_ok=True)
    with Archive.open(
        settings.archive.path_of(asked.portal),
        Readers(settings),
        busy_seconds=settings.archive.busy_seconds,
    ) as archive:
        written = write_order(asked, archive, path)
    return OpenOrder(
        ticket=_ticket(written.id, asked, settings, daemon, path),
        mode=asked.mode,
        job=due.job.name,
        slot=due.told_slot,
        since=datetime.now(UTC),
    )


def _asked(due: Due, settings: Settings) -> Order:
    job = due.job
    portal = settings.portals[job.portal]
    window = None if due.by_hand else job.window
    return Order(
        portal=job.portal,
        settings=portal,
        mode=Mode(job.mode),
        columns=[one.url for one in portal.columns],
        limit=portal.recheck.limit if job.mode == Mode.RECHECK else None,
        ends_at=None if window is None else window.closes_at(datetime.now(UTC)),
        job=job.name,
        slot=due.told_slot,
        contact=settings.contact,
        version=version("yange"),
    )


def _ticket(order_id: str, asked: Order, settings: Settings, daemon: str, path: Path) -> Ticket:
    limits = asked.settings.limits
    assert settings.fleet is not None
    return Ticket(
        order=order_id,
        daemon=daemon,
        portal=asked.portal,
        sha256=digest(path),
        fits=FITTING,
        hosts=tuple(keys_of(asked.settings)),
        hours=limits.crawl_hours,
        memory_mb=limits.crawl_memory_mb,
        attempts=settings.fleet.attempts,
        ends_at=asked.ends_at.isoformat() if asked.ends_at else None,
    )
