"""Carrying out an order in a process of its own: fetched, crawled and delivered under one lease."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
import structlog

from archive.errors import YangeError
from archive.locks import ProcessLock
from archive.runs import RunOutcome
from crawler.orders.file import OrderRefusedError
from crawler.permit import PermitLostError
from scheduler.crawl_process import is_beyond_limits
from scheduler.fleet.broker import Broker, BrokerError
from scheduler.fleet.lease import Lease
from scheduler.fleet.papers import Delivery, Papers, digest
from scheduler.fleet.settings import FleetSettings
from scheduler.fleet.store import NotStoredError, Store, StoreError
from scheduler.fleet.ticket import Ticket

if TYPE_CHECKING:
    from crawler.orders.executing import Executed

logger = structlog.get_logger(__name__)

TICKET, LEASED, FAILURE = "ticket.json", "leased", "failure"
ORDER, SPOOL, LOCK, CRAWL_LOCK = "order", "spool.warc.gz", "lock", "crawl.lock"
"""Names in the folder of an attempt."""

LEFT = 75
"""The exit status of an attempt that came to nothing through no fault of the order's."""

# A store that is down for a while need not cost a crawl; the lease keeps the hosts meanwhile.
_UPLOAD_SECONDS = 3600.0
_PAUSE_SECONDS = 5.0


class LeftError(YangeError):
    """An attempt ends here, for reasons that have nothing to do with its order."""

    exit_status = LEFT


class Attempt(NamedTuple):
    """One attempt at an order: its name, the worker whose it is, and the folder it happens in."""

    name: str
    worker: str
    folder: Path


def carry_out(settings: FleetSettings, attempt: Attempt, asked_why: Callable[[], str]) -> None:
    """Carry out the order whose ticket lies in the attempt's folder, and deliver what it found.

    `asked_why` tells what somebody who asked it to end did so for. To be called once a process.
    Raises LeftError; other errors count against the order.
    """
    started = time.monotonic()
    # Held to the end of the process: until then nobody may clear the folder away.
    lock = ProcessLock(attempt.folder / CRAWL_LOCK, "the attempt is under way in another process")
    ticket = Ticket.from_message(orjson.loads((attempt.folder / TICKET).read_bytes()))
    papers = Papers(Store(settings), ticket.daemon, ticket.order)
    broker = Broker(settings)
    lease = broker.lease(ticket.hosts, attempt.name)
    try:
        is_taken = broker.told(lease.take)
    except BrokerError as error:
        raise LeftError(str(error)) from error
    if not is_taken:
        raise LeftError("the hosts were leased to somebody else before the crawl could begin")
    lease.keep()
    (attempt.folder / LEASED).touch()
    try:
        _fetch(papers, attempt.folder / ORDER, ticket.sha256)
        executed = _executed(attempt.folder, lease, asked_why)
        # Crawling is over: what is left to do is what SIGTERM would have it do.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        delivery = _delivery(attempt, executed, asked_why(), time.monotonic() - started)
        _insist(lambda: papers.put_spool(attempt.name, attempt.folder / SPOOL), lease)
        _insist(lambda: papers.deliver(delivery), lease)
    finally:
        lease.release()
        lock.release()
    logger.info(
        "spool_delivered",
        outcome=executed.outcome.value,
        pages=executed.pages,
        bytes=delivery.size,
        seconds=round(delivery.seconds, 1),
    )


def _fetch(papers: Papers, path: Path, sha256: str) -> None:
    try:
        papers.get_order(path, sha256)
    except (NotStoredError, StoreError) as error:
        # It was closed, or it is for later.
        raise LeftError(str(error)) from error


def _executed(folder: Path, lease: Lease, asked_why: Callable[[], str]) -> Executed:
    # Slow to load: by now the lease is renewed.
    from crawler.orders.executing import execute

    try:
        return execute(folder / ORDER, folder / SPOOL, lease, asked_why=asked_why)
    except (PermitLostError, OrderRefusedError) as error:
        # Its file is as it was published: it takes another yange to carry it out.
        raise LeftError(str(error)) from error


def _delivery(attempt: Attempt, executed: Executed, why: str, seconds: float) -> Delivery:
    spool = attempt.folder / SPOOL
    is_broken_off = executed.outcome is RunOutcome.INTERRUPTED
    is_own_fault = is_broken_off and is_beyond_limits(why)
    return Delivery(
        attempt=attempt.name,
        worker=attempt.worker,
        spool=attempt.name,
        size=spool.stat().st_size,
        sha256=digest(spool),
        why=why if is_own_fault else None,
        handed_on=is_broken_off and not is_own_fault,
        seconds=seconds,
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _insist(store: Callable[[], None], lease: Lease) -> None:
    """Do something with the store, again and again for as long as there is a point in it."""
    deadline = time.monotonic() + _UPLOAD_SECONDS
    while lease.holds():
        try:
            return store()
        except StoreError as error:
            if time.monotonic() > deadline:
                raise LeftError(f"the spool was given up: {error}") from error
            logger.warning("spool_not_stored", reason=str(error))
            time.sleep(_PAUSE_SECONDS)
    raise LeftError("the lease was lost before the spool was delivered")


def is_late(ticket: Ticket) -> bool:
    """Whether the portal's window, for which the order was given, has closed."""
    return ticket.ends_at is not None and datetime.now(UTC) >= datetime.fromisoformat(
        ticket.ends_at
    )
