"""What a worker does with a ticket: whether to begin, the child that does, and what came of it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

import orjson
import structlog

from archive.errors import BusyError, YangeError
from archive.locks import ProcessLock
from scheduler.child import start_child
from scheduler.crawl_process import CrawlProcess, Ending, Limits, is_beyond_limits
from scheduler.fleet.broker import Broker
from scheduler.fleet.carrying_out import CRAWL_LOCK, FAILURE, LEASED, LEFT, LOCK, TICKET, is_late
from scheduler.fleet.lease import clock
from scheduler.fleet.papers import Delivery, Papers
from scheduler.fleet.store import Store
from scheduler.fleet.ticket import FITTING, Ticket
from scheduler.fleet.worker_configuration import WorkerConfiguration

logger = structlog.get_logger(__name__)

GRACE_SECONDS = 60.0
"""What a crawl has from being asked to leave to being killed: its spool is to be uploaded yet."""

STOPPED = "its worker was told to stop"
# Times that whoever finds an order's hosts busy waits: by then others had the order to take.
_OTHERS_FIRST = 3
_LONGEST_REST = 3600.0
_KEPT = 86400.0
_MEGABYTE = 1_000_000
_PREFIX = "yange-attempt-"


class NotNow(YangeError):  # noqa: N818 it is no fault of anybody's
    """The order is for later, or for another worker."""


class UsualError(NotNow):
    """As is to be expected: the hosts are being crawled, Redis comes up, or the worker ends."""


class _Rest(NamedTuple):
    """How often an order came to nothing on this machine, and until when others come first."""

    times: int
    until: float


class Attempts:
    """All that one worker's machine has under way. Any thread may use it."""

    def __init__(self, configuration: WorkerConfiguration) -> None:
        """Raises StoreError, and OSError for a folder that cannot be used."""
        self._configuration = configuration
        self._settings = configuration.settings.fleet
        self._store = Store(self._settings)
        self._broker = Broker(self._settings)
        self._folder = self._settings.folder or Path(gettempdir())
        self._folder.mkdir(parents=True, exist_ok=True)
        self._crawls: dict[str, CrawlProcess] = {}
        self._guard = threading.Lock()
        self._rests: dict[str, _Rest] = {}
        self.is_stopping = False
        self.worker = f"{socket.gethostname()}:{os.getpid()}"

    def carry_out(self, ticket: Ticket) -> None:
        """See to an order: when this returns, nothing is left to be done for it.

        Raises NotNow, with the reason, for an order that is to be offered again, and YangeError
        where that is for want of the store or the broker.
        """
        papers = Papers(self._store, ticket.daemon, ticket.order)
        self._refuse_unfit(ticket)
        if not papers.is_open():
            logger.debug("order_closed")
            self._rests.pop(ticket.order, None)
            return
        rest = self._rests.get(ticket.order)
        if rest is not None and clock() < rest.until:
            raise UsualError("it came to nothing here, and other workers come first")
        if not self._broker.may_lease(ticket.daemon):
            raise UsualError("Redis has only just come up and may not know of every lease")
        attempt = uuid.uuid4().hex
        lease = self._broker.lease(ticket.hosts, attempt)
        if not self._broker.told(lease.take):
            raise UsualError("the hosts are being crawled")
        try:
            # It may have been delivered between the two looks, by whoever had the lease.
            if papers.is_open():
                # Until its process has come up, which can take a while on a busy machine.
                lease.keep((self._own(attempt) / LEASED).exists)
                self._attempt(ticket, papers, attempt)
        finally:
            lease.release()

    def stop(self) -> None:
        """Ask every crawl to leave, and begin no more."""
        self.is_stopping = True
        with self._guard:
            for crawl in self._crawls.values():
                crawl.ask(STOPPED)

    def clear(self) -> None:
        """Remove what attempts left behind whose worker was killed."""
        for folder in self._folder.glob(f"{_PREFIX}*"):
            # A crawl may take a minute longer to leave than its worker.
            with (
                suppress(BusyError, OSError),
                ProcessLock(folder / LOCK, "its worker is there"),
                ProcessLock(folder / CRAWL_LOCK, "it is under way"),
            ):
                shutil.rmtree(folder, ignore_errors=True)

    def _refuse_unfit(self, ticket: Ticket) -> None:
        if self.is_stopping:
            raise UsualError(STOPPED)
        if ticket.fits != FITTING:
            raise NotNow(
                f"the order is for workers that fit {ticket.fits} (the reader's version and the"
                f" form of orders), and this yange's fit {FITTING}; it waits for one of those"
            )
        free = shutil.disk_usage(self._folder).free / _MEGABYTE
        if free < self._settings.free_megabytes:
            raise NotNow(
                f"the disk of {self._folder} has only {free:,.0f} MB free, and a crawl wants"
                f" {self._settings.free_megabytes:,} (fleet.free_megabytes)"
            )

    def _attempt(self, ticket: Ticket, papers: Papers, attempt: str) -> None:
        if is_late(ticket):
            logger.warning("order_too_late", ends_at=ticket.ends_at)
            papers.deliver(Delivery(attempt=attempt, worker=self.worker, late=True))
            return
        begun = papers.attempts()
        if begun >= ticket.attempts:
            self._give_up(ticket, papers, attempt, "none of them came to its end")
            return
        papers.begin(attempt, self.worker)
        with self._own_folder(attempt) as folder:
            (folder / TICKET).write_bytes(orjson.dumps(ticket.to_message()))
            logger.info("crawl_started", attempt=begun + 1)
            try:
                ending = self._crawled(ticket, folder, attempt)
            except (NotNow, OSError):
                papers.give_back(attempt)
                raise
            reason = _reason(folder, ending)
            # A process that dies before it has opened the order dies of something else.
            is_to_blame = self._is_to_blame() or not (
                (folder / LEASED).exists() or is_beyond_limits(ending.why or "")
            )
        if not papers.is_open():
            logger.info("crawl_done", seconds=round(ending.seconds, 1))
            self._rests.pop(ticket.order, None)
            return
        if ending.status == LEFT or is_to_blame:
            papers.give_back(attempt)
        elif begun + 1 >= ticket.attempts:
            self._give_up(ticket, papers, attempt, reason)
            return
        if ending.status != LEFT:
            self._rest(ticket)
        raise NotNow(reason)

    def _rest(self, ticket: Ticket) -> None:
        """Leave an order that came to nothing here to others first, twice as long each time."""
        with self._guard:
            now = clock()
            kept = {order: one for order, one in self._rests.items() if now - one.until < _KEPT}
            times = kept[ticket.order].times if ticket.order in kept else 0
            seconds = self._settings.patience_seconds * _OTHERS_FIRST * 2 ** min(times, 20)
            kept[ticket.order] = _Rest(times + 1, now + min(seconds, _LONGEST_REST))
            self._rests = kept

    def _crawled(self, ticket: Ticket, folder: Path, attempt: str) -> Ending:
        command = ["carry-out", str(folder), "--attempt", attempt, "--worker", self.worker]
        with self._guard:
            self._refuse_unfit(ticket)
            crawl = CrawlProcess(
                start_child(self._configuration, command, own_session=False),
                Limits(timedelta(hours=ticket.hours), ticket.memory_mb * _MEGABYTE, GRACE_SECONDS),
            )
            self._crawls[attempt] = crawl
        try:
            return crawl.wait()
        finally:
            with self._guard:
                del self._crawls[attempt]

    def _is_to_blame(self) -> bool:
        """Whether an attempt failed for want of what this machine should have had."""
        free = shutil.disk_usage(self._folder).free / _MEGABYTE
        return self.is_stopping or free < self._settings.free_megabytes

    def _give_up(self, ticket: Ticket, papers: Papers, attempt: str, reason: str) -> None:
        times = "once" if ticket.attempts == 1 else f"{ticket.attempts} times"
        sentence = f"the crawl was begun {times} on the fleet's workers; the last time: {reason}"
        logger.error("order_given_up", reason=sentence)
        papers.deliver(Delivery(attempt=attempt, worker=self.worker, failure=sentence))

    def _own(self, attempt: str) -> Path:
        return self._folder / f"{_PREFIX}{attempt}"

    @contextmanager
    def _own_folder(self, attempt: str) -> Iterator[Path]:
        folder = self._own(attempt)
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(ProcessLock(folder / LOCK, "its worker is there"))
            yield folder


def _reason(folder: Path, ending: Ending) -> str:
    """Why an attempt delivered nothing, in a sentence."""
    with suppress(OSError):
        return (folder / FAILURE).read_text(encoding="utf-8")
    if ending.why is not None:
        return f"it was ended: {ending.why}"
    if ending.status < 0:
        return f"its process died with signal {-ending.status}"
    return f"its process left with status {ending.status}"
