"""The five fields of a crontab line, as cron reads them.

Pure: text in, numbers out. Weekdays count from Sunday (0, and 7 again), names may stand for
numbers, and a line that restricts both the day of the month and the weekday means either of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]+))?", re.ASCII)


class _Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Crontab:
    """The numbers each field of a crontab line allows, ascending.

    `weekdays` are 0 (Sunday) to 6. With `either_day` a day matches by its number *or* its weekday,
    otherwise it must match by both. `has_star` says whether the minute or the hour begins with a
    star, by which cron decides what a change of the clocks means for the line.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either_day: bool
    has_star: bool


def parse_crontab(text: str) -> Crontab:
    """Read a crontab line or a nickname such as `@daily`.

    Raises ValueError with a sentence for anything cron would not accept, for a step that is wider
    than its field (cron would silently ignore it) and for a date that no year has.
    """
    fields = _NICKNAMES.get(text.strip().lower(), text).split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            "should be five cron fields (minute, hour, day of the month, month, weekday) "
            "or an interval such as `every 10m`"
        )
    minutes, hours, days, months, weekdays = (
        _numbers(part, field) for part, field in zip(fields, _FIELDS, strict=True)
    )
    # What makes a field unrestricted to cron is its leading star, even with a step behind it.
    either_day = not fields[2].startswith("*") and not fields[4].startswith("*")
    if not either_day and min(days) > max(_LONGEST_MONTH[month - 1] for month in months):
        raise ValueError("names a day that none of its months has, so it would never come")
    return Crontab(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=tuple(sorted({weekday % 7 for weekday in weekdays})),
        either_day=either_day,
        has_star=fields[0].startswith("*") or fields[1].startswith("*"),
    )


def _numbers(text: str, field: _Field) -> tuple[int, ...]:
    """The numbers that a comma-separated field allows, ascending."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"has {part!r} as its {field.name}, which is no number, range or step")
        numbers.update(_range(match, field))
    return tuple(sorted(numbers))


def _range(match: re.Match[str], field: _Field) -> range:
    step = int(match["step"] or 1)
    if not 1 <= step <= field.highest - field.lowest:
        raise ValueError(
            f"has a step of {step} as its {field.name}, where "
            f"1 to {field.highest - field.lowest} can be meant"
        )
    if match["first"] is None:
        return range(field.lowest, field.highest + 1, step)
    first = last = _number(match["first"], field)
    if match["last"] is not None:
        last = _number(match["last"], field)
        if field.names is _WEEKDAYS and last == 0 < first:
            last = 7  # fri-sun: as the end of a range, Sunday closes the week
    elif match["step"] is not None:
        last = field.highest
    if first > last:
        raise ValueError(f"has {match[0]!r} as its {field.name}, a range that runs backwards")
    return range(first, last + 1, step)


def _number(word: str, field: _Field) -> int:
    if word.lower() in field.names:
        return field.names.index(word.lower()) + (1 if field.names is _MONTHS else 0)
    if not word.isdecimal() or not field.lowest <= int(word) <= field.highest:
        known = f"{field.lowest} to {field.highest}" + (
            f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
        )
        raise ValueError(f"has {word!r} as its {field.name}, which should be {known}")
    return int(word)
