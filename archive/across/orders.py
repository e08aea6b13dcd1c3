"""The orders in which answers of several archives are merged: those that one archive's have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from heapq import merge

from archive.across.held import Held, Row
from archive.questions.documents import Result
from archive.selection import Order

Listed = tuple[Held, Row]


def at(row: Row) -> datetime:
    """When an entry of a ledger, or a capture, is of."""
    return datetime.fromisoformat(row["at"])


def results(streams: Iterable[Iterator[Result]]) -> Iterator[Result]:
    """What searches found: by rank, the newest published first in each."""
    return merge(*streams, key=lambda one: (-one.rank, _published(one.row)), reverse=True)


def documents(streams: Iterable[Iterator[Listed]], order: Order) -> Iterator[Listed]:
    """Documents in one of the orders of a list."""
    return _MERGED[order](streams)


def _published(row: Row) -> str:
    """What sorts the newest published last, and before all those that state no date."""
    return row["published_at"] or ""


_MERGED: dict[Order, Callable[[Iterable[Iterator[Listed]]], Iterator[Listed]]] = {
    Order.BY_PORTAL: lambda streams: merge(*streams, key=lambda one: one[1]["portal"]),
    Order.NEWEST_FIRST: lambda streams: merge(
        *streams, key=lambda one: _published(one[1]), reverse=True
    ),
    Order.OLDEST_FIRST: lambda streams: merge(
        *streams, key=lambda one: (one[1]["published_at"] is None, _published(one[1]))
    ),
    Order.LAST_CHANGED: lambda streams: merge(
        *streams, key=lambda one: datetime.fromisoformat(one[1]["last_changed"]), reverse=True
    ),
}
