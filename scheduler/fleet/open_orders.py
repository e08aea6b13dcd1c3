"""The orders that are open, in a small file beside the archive, so that a new daemon knows them."""

from __future__ import annotations

import os
import threading
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import structlog

from archive.errors import YangeError
from archive.folders import sync_folder
from scheduler.fleet.standing import state_path
from scheduler.fleet.ticket import Ticket

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order that is published and not closed, with the job and the slot that it is for."""

    ticket: Ticket
    mode: str
    job: str
    slot: str
    since: datetime

    @property
    def id(self) -> str:
        """The order's name."""
        return self.ticket.order


def spool_folder(seat: Path) -> Path:
    """Where spools lie while they are ingested: on the archive's disk."""
    return seat.with_name(seat.name + ".spools")


class OpenOrders:
    """The file as the daemon keeps it. Any thread may use it.

    An order is in the file before anybody else can know of it, and until nothing of it is left:
    that it cannot be written is therefore an error.
    """

    def __init__(self, seat: Path) -> None:
        self._path = state_path(seat)
        self.daemon, orders = _read(self._path)
        """The name by which workers and the store know this daemon."""
        self._orders = {one.ticket.portal: one for one in orders}
        self._standing: dict[str, Any] = {}
        self._guard = threading.Lock()

    def all(self) -> list[OpenOrder]:
        """The open orders, the oldest first."""
        with self._guard:
            return sorted(self._orders.values(), key=lambda one: one.since)

    def of(self, portal: str) -> OpenOrder | None:
        """The portal's open order; it has one at most."""
        with self._guard:
            return self._orders.get(portal)

    def add(self, order: OpenOrder) -> None:
        """An order is opened. Raises YangeError where that cannot be written down."""
        with self._guard:
            self._orders[order.ticket.portal] = order
            self._write()

    def remove(self, order: OpenOrder) -> None:
        """An order is closed."""
        with self._guard:
            if self._orders.get(order.ticket.portal) == order:
                del self._orders[order.ticket.portal]
                self._write()

    def note(self, **standing: int | str | None) -> None:
        """How publishing stands, as `FleetStanding` has it."""
        with self._guard:
            if standing != self._standing:
                self._standing = standing
                self._write()

    def _write(self) -> None:
        told = {
            "daemon": self.daemon,
            "orders": [asdict(one) for one in self._orders.values()],
            "standing": self._standing,
        }
        partial = self._path.with_name(f".{self._path.name}.partial")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise YangeError(f"{self._path} cannot be written: {error.strerror}") from error


def _read(path: Path) -> tuple[str, list[OpenOrder]]:
    """The daemon's name and its open orders; a new name where there is no file that says so."""
    try:
        told = orjson.loads(path.read_bytes())
        return str(told["daemon"]), list(map(_order, told["orders"]))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        # Whoever still crawls for it delivers to nobody; its leases keep their hosts.
        logger.error("open_orders_lost", path=str(path), reason=str(error))
    return uuid.uuid4().hex, []


def _order(told: dict[str, Any]) -> OpenOrder:
    ticket = Ticket.from_message(told.pop("ticket"))
    return OpenOrder(ticket=ticket, since=datetime.fromisoformat(told.pop("since")), **told)
