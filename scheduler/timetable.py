"""Schedules as people write them, and the instants they mean. Pure: no clock is read here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.crontab import Crontab, parse_crontab

_INTERVAL = re.compile(r"every\s+(?P<count>[0-9]{1,9})\s*(?P<unit>[smhd])", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_INTERVAL = timedelta(days=366)

_INSTANT = timedelta(microseconds=1)
# A slot outside a window stays outside it from day to day, but for a change of the clocks:
# this much looking ahead tells "later" from "never" for rare slots and for frequent ones.
_HORIZON = timedelta(days=8)
_PATIENCE = 100


class Trigger(Protocol):
    """What a schedule becomes: the part of an APScheduler trigger that is used here."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The first instant not before `now`, or None when there is none any more."""


class Opening(Protocol):
    """The hours of a day in which something may happen."""

    def contains(self, moment: datetime) -> bool:
        """Whether an aware moment lies within these hours."""


def read_schedule(text: str) -> timedelta | Crontab:
    """What `text` says, in any zone.

    `text` is a crontab line, a nickname such as `@daily`, or `every N` followed by `s`, `m`, `h`
    or `d`. Raises ValueError with a sentence.
    """
    interval = _INTERVAL.fullmatch(text.strip())
    if interval is not None:
        seconds = int(interval["count"]) * _UNITS[interval["unit"].lower()]
        if not 0 < seconds <= _LONGEST_INTERVAL.total_seconds():
            raise ValueError(f"should be an interval of one second to {_LONGEST_INTERVAL.days}d")
        return timedelta(seconds=seconds)
    if text.strip().lower().startswith("every"):
        raise ValueError("should be `every` and a number with s, m, h or d, such as `every 10m`")
    return parse_crontab(text)


def parse_schedule(text: str, zone: ZoneInfo) -> Trigger:
    """The trigger that `text` means in `zone`.

    An interval is counted from midnight of 1 January 1970 in `zone`, so that its slots are the
    same whenever the daemon was started. Cron times are the zone's wall clock: a minute that the
    clock shows twice comes twice. Raises ValueError with a sentence.
    """
    schedule = read_schedule(text)
    if isinstance(schedule, Crontab):
        return _cron_trigger(schedule, zone)
    # Here and below: every command reads the settings, and few of them want to know the time.
    from apscheduler.triggers.interval import IntervalTrigger

    epoch = datetime(1970, 1, 1, tzinfo=zone)
    trigger: Trigger = IntervalTrigger(
        seconds=schedule.total_seconds(), start_date=epoch, timezone=zone
    )
    return trigger


def next_times(
    trigger: Trigger, after: datetime, count: int, within: Opening | None = None
) -> list[datetime]:
    """The first `count` instants later than `after`, in the zone of `after`.

    With `within`, only instants inside it; fewer than `count` when there are no more, or none
    that would ever lie inside.
    """
    return list(islice(_instants(trigger, after, within), count))


def _instants(trigger: Trigger, after: datetime, within: Opening | None) -> Iterator[datetime]:
    # Reckoned in UTC: wall-clock arithmetic goes wrong in the hours in which clocks are changed.
    moment, refused, give_up = after.astimezone(UTC), 0, after.astimezone(UTC) + _HORIZON
    while (found := trigger.get_next_fire_time(None, moment + _INSTANT)) is not None:
        moment = found.astimezone(UTC)
        local = moment.astimezone(after.tzinfo)
        if within is None or within.contains(local):
            yield local
            refused, give_up = 0, moment + _HORIZON
        else:
            refused += 1
            if refused > _PATIENCE and moment > give_up:
                return


def _cron_trigger(line: Crontab, zone: ZoneInfo) -> Trigger:
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger

    def trigger(days: str, weekdays: str) -> CronTrigger:
        return CronTrigger(
            minute=_listed(line.minutes),
            hour=_listed(line.hours),
            day=days,
            month=_listed(line.months),
            day_of_week=weekdays,
            timezone=zone,
        )

    days = _listed(line.days)
    # CronTrigger counts weekdays from Monday, cron from Sunday.
    weekdays = _listed(tuple((weekday - 1) % 7 for weekday in line.weekdays))
    either: Trigger = OrTrigger([trigger(days, "*"), trigger("*", weekdays)])
    both: Trigger = trigger(days, weekdays)
    return either if line.either_day else both


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, sorted(numbers)))
