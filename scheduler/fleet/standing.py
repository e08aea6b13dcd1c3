"""How the fleet stands, as the daemon last noted it in a small file: for those who only look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStanding:
    """How many orders are open, since when the oldest is, and how publishing stands.

    `waiting` are those that no worker has begun, `retried` those that were begun more than once,
    since what came of them before was nothing. `spools` wait to be ingested, and take
    `spool_bytes`. `paused` says why no order can be published, `crowded` that others wait for one
    to be closed.
    """

    orders: int = 0
    oldest: datetime | None = None
    waiting: int = 0
    retried: int = 0
    spools: int = 0
    spool_bytes: int = 0
    paused: str | None = None
    crowded: str | None = None


def state_path(seat: Path) -> Path:
    """The daemon's notes on its open orders, beside the archive at `seat`."""
    return seat.with_name(seat.name + ".fleet.json")


def fleet_standing(seat: Path, *, is_alive: bool) -> FleetStanding | None:
    """How the fleet stands by these notes; None where there are none, or no sound ones.

    Where no daemon `is_alive`, nothing is paused, since nothing would be published.
    """
    try:
        told: dict[str, Any] = orjson.loads(state_path(seat).read_bytes())
        since = [datetime.fromisoformat(one["since"]) for one in told["orders"]]
        standing = told["standing"]
        return FleetStanding(
            orders=len(since),
            oldest=min(since, default=None),
            waiting=int(standing.get("waiting", 0)),
            retried=int(standing.get("retried", 0)),
            spools=int(standing.get("spools", 0)),
            spool_bytes=int(standing.get("spool_bytes", 0)),
            paused=standing.get("paused") if is_alive else None,
            crowded=standing.get("crowded") if is_alive else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
