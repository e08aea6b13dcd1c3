"""Instants: kept as whole milliseconds since 1970 UTC, shown as ISO 8601 with an offset."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo


def now_ms() -> int:
    """The present instant."""
    return to_ms(datetime.now(UTC))


def to_ms(instant: datetime) -> int:
    """An aware date-time as kept in the archive."""
    return round(instant.timestamp() * 1000)


def to_iso(ms: int, zone: tzinfo) -> str:
    """A kept instant for people and JSON, to the second, in `zone`, with its offset."""
    return datetime.fromtimestamp(ms // 1000, zone).isoformat()
