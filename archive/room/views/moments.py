"""Times as people read them: a day, an hour, and how far that is from UTC."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

_PERIOD = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
)


class Moment(NamedTuple):
    """An instant with an offset, in pieces."""

    day: str
    time: str
    offset: str


def moment(iso: str) -> Moment:
    """The pieces of an ISO 8601 date-time with an offset; of another text, the text as its day."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return Moment(iso, "", "")
    if at.tzinfo is None:
        return Moment(iso, "", "")
    offset = at.strftime("%z")
    return Moment(at.date().isoformat(), at.strftime("%H:%M"), f"{offset[:3]}:{offset[3:5]}")


def seconds_between(start: str, end: str | None) -> int | None:
    """Whole seconds from one instant to another; None while there is no end."""
    if end is None:
        return None
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def duration(seconds: int) -> str:
    """A span of time: 8 s, 12 min, 3 h 05 min."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"


def period(iso: str) -> list[tuple[str, int]]:
    """The pieces of an ISO 8601 period of days or more, by their units: P1Y6M, a year, 6 months."""
    found = _PERIOD.fullmatch(iso)
    if found is None:
        return []
    return [(unit, int(number)) for unit, number in found.groupdict().items() if number]


def size(count: int) -> str:
    """Bytes in a unit that makes a short number of them."""
    number = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return (
                f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
            )
        number /= 1000
    raise AssertionError
