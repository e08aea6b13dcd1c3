"""A crawl that the fleet carries out, as a lane sees it: its order is opened, and closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import psutil
import structlog

from archive.errors import YangeError
from archive.runs import RunOutcome
from archive.spools.form import SpoolRefusedError
from scheduler.configuration import Configuration
from scheduler.crawl_process import Ending
from scheduler.due import Due
from scheduler.fleet import ordering
from scheduler.fleet.dispatch import Dispatch
from scheduler.fleet.ingest import Ingest
from scheduler.fleet.open_orders import OpenOrder, spool_folder
from scheduler.fleet.papers import DamagedError, Delivery
from scheduler.fleet.store import StoreError
from scheduler.fleet.ticket import FITTING

logger = structlog.get_logger(__name__)

_T = TypeVar("_T")

_LOOK_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0
_STATUS = {RunOutcome.FINISHED: 0, RunOutcome.FAILED: 1}
_INCOMPLETE = 3
_MISSED = (
    RunOutcome.MISSED,
    "no worker was free for it, or publishing was paused, until the portal's window had closed",
)


class _TooLate(Exception):  # noqa: N818 it is no error
    """The portal's window has closed."""


class FleetCrawl:
    """One that is due, from its order to its record. See `launcher.Crawl`."""

    pid = None

    def __init__(self, configuration: Configuration, dispatch: Dispatch, due: Due) -> None:
        self._settings = configuration.settings
        self._dispatch = dispatch
        self._due = due
        self._asked = threading.Event()
        self._folder = spool_folder(self._settings.archive.seat)
        self._ingest = Ingest(configuration, due.job.portal, self._folder)
        self._log = logger.bind(portal=due.job.portal)

    def ask(self, why: str) -> None:
        """Wait for it no more. The order stays open, and whoever crawls for it goes on."""
        del why  # it is always that the daemon ends
        self._asked.set()
        self._ingest.end()
        self._dispatch.look_again()

    def kill(self) -> None:
        """End at once what is under way on this machine."""
        self._asked.set()
        self._ingest.end(psutil.Popen.kill)

    def wait(self) -> Ending:
        """Publish the order, wait for its spool and have it ingested; how all that ended.

        An order that is open already comes first. What a worker broke off that was told to stop is
        ordered anew at once.
        """
        while not self._asked.is_set():
            try:
                order = self._dispatch.orders.of(self._due.job.portal) or self._opened()
            except YangeError as error:
                return Ending(1, None, 0.0, 0, (RunOutcome.FAILED, str(error)))
            except _TooLate:
                return Ending(1, None, 0.0, 0, _MISSED)
            if order is None:
                break
            ending = self._closed(order)
            if ending is not None and order.job == self._due.job.name:
                return ending
        return Ending(0, None, 0.0, 0, goes_on=True)

    def _opened(self) -> OpenOrder | None:
        """Write an order and have it published; None if the daemon ends before.

        Raises _TooLate where the portal's window has closed meanwhile.
        """
        dispatch = self._dispatch
        if not dispatch.wait_for_room(self._asked.is_set):
            return None
        if not (self._due.by_hand or self._due.job.allows(datetime.now(UTC))):
            raise _TooLate
        path = self._folder / f"{self._due.job.portal}.order"
        try:
            order = ordering.write(self._due, self._settings, dispatch.orders.daemon, path)
            papers = dispatch.papers(order.id)
            with dispatch.writing(order.id):
                if not self._insist(lambda: papers.put_order(path)):
                    return None
                dispatch.open(order)
        finally:
            path.unlink(missing_ok=True)
        return order

    def _closed(self, order: OpenOrder) -> Ending | None:
        """Wait for an order's end and close it; None if there is more to wait for.

        That is so when the daemon ends, when the order was for a yange of another version, and when
        it was broken off by the end of its worker.
        """
        dispatch = self._dispatch
        while not self._asked.is_set():
            if not dispatch.wait_for(order, _LOOK_SECONDS, self._asked.is_set):
                if any(self._insist(lambda: self._is_void(order))):
                    self._insist(lambda: dispatch.close(order))
                    return None
                continue
            delivery = self._delivery(order)
            ending = None if delivery is None else self._ending(order, delivery)
            if delivery is None or ending is None:
                continue
            self._insist(lambda: dispatch.close(order))
            if delivery.handed_on:
                self._log.info("order_handed_on", order=order.id, worker=delivery.worker)
                return None
            return ending
        return None

    def _is_void(self, order: OpenOrder) -> bool:
        """Whether nobody will ever carry it out."""
        papers = self._dispatch.papers(order.id)
        if order.ticket.fits != FITTING and self._dispatch.is_idle(order):
            reason = f"it is for workers that fit {order.ticket.fits}, ours fit {FITTING}"
        elif not papers.is_open() and papers.delivery() is None:
            reason = "its file is not in the store any more"
        else:
            return False
        self._log.warning("order_void", order=order.id, reason=reason)
        return True

    def _delivery(self, order: OpenOrder) -> Delivery | None:
        """What was delivered; None, and all begins anew, where that cannot be read."""
        try:
            found = self._insist(self._dispatch.papers(order.id).delivery)
        except DamagedError as error:
            self._log.error("spool_damaged", order=order.id, reason=str(error))
            found = [None]
        if found == [None]:
            self._sent_again(order)
        return found[0] if found else None

    def _ending(self, order: OpenOrder, delivery: Delivery) -> Ending | None:
        """What became of a delivered order; None if that is not known yet."""
        figures = (delivery.why, delivery.seconds, delivery.peak_memory)
        if delivery.failure is not None:
            return Ending(1, *figures, (RunOutcome.FAILED, delivery.failure))
        if delivery.late:
            return Ending(1, *figures, _MISSED)
        try:
            outcome = self._ingested(order, delivery)
        except (DamagedError, SpoolRefusedError) as error:
            self._log.error("spool_damaged", order=order.id, reason=str(error))
            return self._sent_again(order, str(error))
        return None if outcome is None else Ending(_STATUS.get(outcome, _INCOMPLETE), *figures)

    def _ingested(self, order: OpenOrder, delivery: Delivery) -> RunOutcome | None:
        pause = _FIRST_PAUSE
        while self._dispatch.ingesting.take(self._asked.is_set):
            try:
                outcome = self._ingest.run(self._dispatch.papers(order.id), delivery)
            finally:
                self._dispatch.ingesting.give_back()
            if outcome is not None:
                return outcome
            self._asked.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return None

    def _sent_again(self, order: OpenOrder, reason: str | None = None) -> Ending | None:
        """Have an order carried out again, unless for this reason it was as often as may be."""
        papers = self._dispatch.papers(order.id)
        begun = self._insist(papers.attempts)
        if reason is not None and begun and begun[0] >= order.ticket.attempts:
            return Ending(1, None, 0.0, 0, (RunOutcome.FAILED, reason))
        if self._insist(papers.take_back):
            self._dispatch.publish_again(order)
        return None

    def _insist(self, what: Callable[[], _T]) -> list[_T]:
        """Do something with the store until that succeeds; what it gave, as the only item.

        The list is empty if the daemon ends before.
        """
        pause = _FIRST_PAUSE
        while not self._asked.is_set():
            try:
                return [what()]
            except StoreError as error:
                self._log.warning("store_failed", reason=str(error))
            self._asked.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return []
