"""Days and spans of time as Chinese legal texts word them.

Everything here is about days of the civil calendar; there are no hours and no time zones.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple

from archive.law.words.numerals import SIGNS, value_of

_NUMBER = rf"[\d{SIGNS}]"
DATE = (
    rf"(?:公历)?(?P<year>\d{{4}}|[〇○零一二三四五六七八九]{{4}})\s*年"
    rf"(?:\s*(?P<month>{_NUMBER}{{1,3}})\s*月份?(?:\s*(?P<day>{_NUMBER}{{1,3}})\s*[日号])?)?(?:底|末)?"
)
"""A pattern for a day, a month or a year in words, with or without 底."""
_DATE = re.compile(DATE)
_NUMERIC = re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})")

SPAN = rf"(?P<count>{_NUMBER}{{1,4}}|半)\s*(?:个)?\s*(?P<unit>工作日|周年|年|月|日|天)"
"""A pattern for a span of time: 五年, 6个月, 30日."""
_SPAN = re.compile(SPAN)
_ISO_UNITS = {"年": "Y", "周年": "Y", "月": "M", "日": "D", "天": "D"}
_PERIOD = re.compile(r"P(?P<count>\d+)(?P<unit>[YMD])")
_MOST = {"Y": 200, "M": 2400, "D": 73000}


class Days(NamedTuple):
    """A day, or the first and the last of a month or a year."""

    first: date
    last: date


def read_days(text: str) -> Days | None:
    """The days that a date in words or digits means; None for what is none, as 2025年2月30日."""
    match = _DATE.fullmatch(text.strip()) or _NUMERIC.fullmatch(text.strip())
    if match is None:
        return None
    numbers = [value_of(match[name]) if match[name] else None for name in ("year", "month", "day")]
    year, month, day = numbers
    if year is None or not date.min.year <= year <= date.max.year - 1:
        return None
    try:
        if day is not None:
            return Days(date(year, month or 0, day), date(year, month or 0, day))
        if month is not None:
            return Days(date(year, month, 1), date(year, month, _length(year, month)))
        return Days(date(year, 1, 1), date(year, 12, 31))
    except (ValueError, calendar.IllegalMonthError):
        return None


def read_period(text: str) -> str | None:
    """A span of time as an ISO 8601 period: 五年 is `P5Y`, 半年 is `P6M`, 30日 is `P30D`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return None
    unit = _ISO_UNITS.get(match["unit"])
    if unit is None:
        # Working days: which they are is not in any text.
        return None
    if match["count"] == "半":
        return "P6M" if unit == "Y" else None
    count = value_of(match["count"])
    return f"P{count}{unit}" if count and count <= _MOST[unit] else None


def after(start: date, period: str) -> date | None:
    """The day that lies a period after `start`; None where the calendar ends before.

    A month without that day ends sooner: a month after January 31 is the last day of February.
    """
    match = _PERIOD.fullmatch(period)
    if match is None:
        return None
    count, unit = int(match["count"]), match["unit"]
    try:
        if unit == "D":
            return start + timedelta(days=count)
        months = start.year * 12 + start.month - 1 + count * (12 if unit == "Y" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(start.day, _length(year, month + 1)))
    except (OverflowError, ValueError, calendar.IllegalMonthError):
        return None


def last_day(start: date, period: str) -> date | None:
    """The last day of a period that begins with `start`: five years from 2024-09-01 end with
    2029-08-31."""
    end = after(start, period)
    return None if end is None else end - timedelta(days=1)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
