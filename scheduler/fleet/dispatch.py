"""Dispatch: publishes open orders, and looks for what was delivered; one thread for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import structlog
from kombu.exceptions import OperationalError

from archive.errors import YangeError
from scheduler.berths import Berths
from scheduler.configuration import Configuration
from scheduler.fleet.backlog import crowded, full
from scheduler.fleet.broker import Broker, BrokerError
from scheduler.fleet.celery_app import celery_app, publish
from scheduler.fleet.lease import clock
from scheduler.fleet.open_orders import OpenOrder, OpenOrders
from scheduler.fleet.papers import Lying, Papers, Shelf
from scheduler.fleet.settings import FleetSettings
from scheduler.fleet.store import Store, StoreError

logger = structlog.get_logger(__name__)

# An order that nobody has begun by then is worth an operator's attention, once an hour.
_LONG_WAIT = timedelta(minutes=15)
_REMINDER_SECONDS = 3600.0
# A message that was lost between Celery and Redis, which neither of them notices.
_SILENT_SECONDS = 900.0
_STOP_SECONDS = 5.0


class Dispatch:
    """The daemon's open orders, from being published to being closed. Any thread may use it."""

    def __init__(self, configuration: Configuration) -> None:
        """Raises StoreError."""
        settings = configuration.settings
        assert settings.fleet is not None
        self.settings: FleetSettings = settings.fleet
        self.orders = OpenOrders(settings.archive.seat)
        self.ingesting = Berths(settings.daemon.crawls)
        self._portals = set(settings.portals)
        self._shelf = Shelf(Store(self.settings), self.orders.daemon)
        self._broker = Broker(self.settings)
        self._app = celery_app(self.settings)
        self._published: dict[str, float] = {}
        self._delivered: set[str] = set()
        self._being_written: set[str] = set()
        self._full: str | None = "the store has not been looked at yet"
        self._told: str | None = None
        self._forgotten_at: float | None = None
        self._reminded_at = -_REMINDER_SECONDS
        self._is_weak: list[str] | None = None
        self._changed = threading.Condition()
        self._is_over = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="dispatch", daemon=True)

    # --- what the launcher calls ---------------------------------------------------------------

    def start(self) -> None:
        """Begin to look and to publish. Raises YangeError."""
        for order in self.orders.all():
            if order.ticket.portal not in self._portals:
                logger.warning("order_abandoned", order=order.id, portal=order.ticket.portal)
                self.orders.remove(order)
        self._thread.start()

    def stop(self) -> None:
        """End. What is open stays open."""
        self._is_over.set()
        self._woken.set()
        # It may be waiting for a store that does not answer.
        self._thread.join(_STOP_SECONDS)
        self._broker.close()

    def change(self, configuration: Configuration) -> None:
        """Go by other bounds."""
        settings = configuration.settings
        assert settings.fleet is not None
        self.settings = settings.fleet
        self.ingesting.resize(settings.daemon.crawls)
        self._woken.set()

    def papers(self, order: str) -> Papers:
        """The papers of an order."""
        return self._shelf.papers(order)

    def look_again(self) -> None:
        """Have everybody who waits ask whether to give up."""
        with self._changed:
            self._changed.notify_all()
        self.ingesting.look_again()

    def wait_for_room(self, given_up: Callable[[], bool]) -> bool:
        """Wait until an order may be published; False if `given_up` comes true before."""
        with self._changed:
            self._changed.wait_for(lambda: given_up() or self._full is None)
            return not given_up()

    @contextmanager
    def writing(self, order: str) -> Iterator[None]:
        """While the context lasts, the order's papers are put in the store; it is no stray."""
        self._being_written.add(order)
        try:
            yield
        finally:
            self._being_written.discard(order)

    def open(self, order: OpenOrder) -> None:
        """Have an order published whose papers are in the store. Raises YangeError."""
        self.orders.add(order)
        self._woken.set()

    def publish_again(self, order: OpenOrder) -> None:
        """Have it published once more."""
        with self._changed:
            self._delivered.discard(order.id)
            self._published.pop(order.id, None)
        self._woken.set()

    def wait_for(self, order: OpenOrder, seconds: float, given_up: Callable[[], bool]) -> bool:
        """Wait until something was delivered for it; False if not within `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: given_up() or order.id in self._delivered, seconds)
            return not given_up() and order.id in self._delivered

    def is_idle(self, order: OpenOrder) -> bool:
        """Whether nobody crawls for it, as far as can be seen."""
        try:
            return not self._broker.is_leased(order.ticket.hosts)
        except BrokerError:
            return False

    def close(self, order: OpenOrder) -> None:
        """Nothing is to be done for it any more. Raises StoreError and YangeError."""
        # In this order: what is left of an order that is not open is removed at the next look.
        self.orders.remove(order)
        self.papers(order.id).remove()
        with self._changed:
            self._published.pop(order.id, None)
            self._delivered.discard(order.id)
        self._woken.set()

    # --- the thread ----------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._is_over.is_set():
            self._woken.clear()
            try:
                self._look()
            except YangeError as error:
                logger.error("dispatch_failed", reason=str(error))
            except Exception:
                # Orders must go on: the next look may find things mended.
                logger.exception("dispatch_failed")
            self._woken.wait(self.settings.poll_seconds)

    def _look(self) -> None:
        lying: dict[str, Lying] = {}
        try:
            lying, delivered = self._shelf.lying(), self._shelf.delivered()
            self._remove_strays(lying.keys() | delivered)
            waiting = [lying[one] for one in delivered if one in lying]
            size = sum(one.spool_bytes for one in waiting)
            is_full = full(self.settings, len(delivered), size, self._shelf.free_megabytes())
        except StoreError as error:
            delivered, size, is_full = self._delivered, 0, str(error)
        with self._changed:
            self._delivered = set(delivered)
        orders = self.orders.all()
        mute = self._publish_all([one for one in orders if one.id not in delivered])
        with self._changed:
            # A broker that is down takes orders when it is back; a store takes none meanwhile.
            self._full = is_full
            self._changed.notify_all()
        begun = {one: parts.attempts for one, parts in lying.items() if parts.attempts}
        idle = [one for one in orders if one.id not in begun and one.id not in delivered]
        paused, crowd = is_full or mute, crowded(self.settings, len(orders))
        self.orders.note(
            spools=len(delivered),
            spool_bytes=size,
            paused=paused,
            crowded=crowd,
            waiting=len(idle),
            retried=sum(begun.get(one.id, 0) > 1 for one in orders),
        )
        self._tell(paused or crowd, idle)

    def _remove_strays(self, lying: set[str]) -> None:
        """Remove what came too late, and what else nobody waits for."""
        # In this order: what is being written is open before it ceases to be written.
        spared = set(self._being_written)
        for stray in lying - spared - {one.id for one in self.orders.all()}:
            self.papers(stray).remove()

    def _publish_all(self, orders: list[OpenOrder]) -> str | None:
        """Publish those that are not; why that is not possible, if it is not."""
        try:
            if not self._is_remembered():
                return (
                    "Redis has come up without its data; what was leased before may go on for"
                    f" {self.settings.lease_seconds:g} s"
                )
            pending = [one for one in orders if self._is_pending(one)]
            if pending:
                # One that stood idle may be broken without knowing it.
                with self._app.connection_for_write() as connection:
                    for order in pending:
                        publish(self._app, order.ticket, connection)
                        self._published[order.id] = clock()
                        logger.info(
                            "order_published",
                            order=order.id,
                            portal=order.ticket.portal,
                            job=order.job,
                        )
        except BrokerError as error:
            return str(error)
        except OperationalError as error:
            return f"the broker {self._broker.where} cannot be used: {error}"
        return None

    def _is_remembered(self) -> bool:
        """Whether Redis is as it was; if it is not, all is published again, in good time."""
        if self._is_weak is None:
            self._is_weak = self._broker.weaknesses()
            for weakness in self._is_weak:
                logger.warning("broker_is_weak", broker=self._broker.where, reason=weakness)
        if self._broker.knows(self.orders.daemon):
            self._forgotten_at = None
            return True
        if self._forgotten_at is None:
            self._forgotten_at = clock()
            logger.warning("broker_was_empty", broker=self._broker.where)
        if clock() - self._forgotten_at < self.settings.lease_seconds:
            return False
        self._broker.remember(self.orders.daemon)
        self._published.clear()
        return True

    def _is_pending(self, order: OpenOrder) -> bool:
        at = self._published.get(order.id)
        if at is None:
            return True
        # Rarely, so that orders which wait for a worker do not pile up.
        is_silent = clock() - at > max(_SILENT_SECONDS, 10 * self.settings.redelivery_seconds)
        return is_silent and self._broker.has_nothing_queued(order.ticket) and self.is_idle(order)

    def _tell(self, paused: str | None, idle: list[OpenOrder]) -> None:
        if paused is None and self._told is not None:
            logger.info("publishing_resumed")
        elif paused is not None and (self._told is None or _kind(paused) != _kind(self._told)):
            logger.warning("publishing_paused", reason=paused)
        self._told = paused
        if not idle or datetime.now(UTC) - idle[0].since < _LONG_WAIT:
            return
        if clock() - self._reminded_at > _REMINDER_SECONDS:
            self._reminded_at = clock()
            logger.warning(
                "orders_wait_for_workers",
                orders=len(idle),
                since=idle[0].since.isoformat(timespec="seconds"),
                fitting=sorted({one.ticket.fits for one in idle}),
            )


def _kind(reason: str) -> str:
    """A reason without its figures, which change from look to look."""
    return "".join(letter for letter in reason if not letter.isdigit() and letter not in ",.")
