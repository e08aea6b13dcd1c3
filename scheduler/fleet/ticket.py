"""The message that an order is published by: small, and naming the order instead of holding it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from crawler.orders.file import FORMAT
from crawler.reading.settings import READER_VERSION

FITTING = f"{READER_VERSION}.{FORMAT}"
"""Which orders this yange can carry out: those of its reader's version and of its orders' form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An order to be carried out: where it lies, and what has to be known before it is opened.

    `daemon` is whoever ingests it. `sha256` is the order file's. `fits` says who can carry it out
    (`FITTING`), `hosts` are what the crawl needs to have to itself. `hours` and `memory_mb` are its
    limits, `attempts` how often it may be begun, `ends_at` when the portal's window closes for it
    (ISO 8601).
    """

    order: str
    daemon: str
    portal: str
    sha256: str
    fits: str
    hosts: tuple[str, ...]
    hours: float
    memory_mb: float
    attempts: int
    ends_at: str | None = None

    @property
    def queue(self) -> str:
        """Where it is published: workers that do not fit leave it alone."""
        return queue_of(self.fits)

    def to_message(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Self:
        """What `to_message` wrote. Raises ValueError where it cannot have."""
        try:
            return cls(**{**message, "hosts": tuple(message["hosts"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"this is no ticket: {error}") from error


def queue_of(fits: str) -> str:
    """The queue of the orders for workers that fit so."""
    return f"orders.{fits}"
