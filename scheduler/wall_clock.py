"""The instants of a crontab line on the wall clock of a zone, as cron keeps it. Pure.

Where the clock is changed, cron goes by whether a line names its times outright or has a star for
the minute or the hour. Times named outright come once a day: one that the clock leaves out comes at
the moment of the change, one that it shows twice comes the first time. Lines with a star go by what
the clock shows. A change of three hours or more is no daylight saving, and everybody goes by the
clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.crontab import Crontab

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# The longest wait that is no mistake: a 29 February on a Sunday, across a year 2100.
_HORIZON_DAYS = 41 * 366
_CORRECTION = timedelta(hours=3)


def first_after(line: Crontab, zone: ZoneInfo, moment: datetime) -> datetime | None:
    """The first instant of `line` later than `moment`, in UTC; None where there is none."""
    moment = moment.astimezone(UTC)
    # The day before, too: near midnight the clock may have been put back to it.
    day = moment.astimezone(zone).date() - _DAY
    for _ in range(_HORIZON_DAYS):
        if day.year > 9990:
            return None
        if _is_a_day_of(line, day):
            for instant in _instants(line, zone, day):
                if instant > moment:
                    return instant
        day += _DAY
    return None


def _is_a_day_of(line: Crontab, day: date) -> bool:
    if day.month not in line.months:
        return False
    by_number, by_weekday = day.day in line.days, day.isoweekday() % 7 in line.weekdays
    return by_number or by_weekday if line.either_day else by_number and by_weekday


@lru_cache(maxsize=64)
def _instants(line: Crontab, zone: ZoneInfo, day: date) -> list[datetime]:
    """The instants of a line on one day, ascending."""
    found = set()
    for hour in line.hours:
        for minute in line.minutes:
            wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
            found.update(_when_shown(wall, line))
    return sorted(found)


def _when_shown(wall: datetime, line: Crontab) -> list[datetime]:
    """When a line is due whose time is `wall`: never, once, or twice."""
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first == second:
        return [first]
    by_the_clock = line.has_star or abs(first - second) >= _CORRECTION
    if first < second:  # shown twice
        return [first, second] if by_the_clock else [first]
    return [] if by_the_clock else [_change_between(second, first, wall)]


def _change_between(before: datetime, after: datetime, wall: datetime) -> datetime:
    """The instant, between these two, at which the zone of `wall` changed its clock."""
    offset = before.astimezone(wall.tzinfo).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(wall.tzinfo).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
