"""Schedules as people write them, and the instants they mean. Pure: no clock is read here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.crontab import Crontab, parse_crontab
from scheduler.wall_clock import first_after

_INTERVAL = re.compile(r"every\s+(?P<count>[0-9]{1,9})\s*(?P<unit>[smhd])", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_INTERVAL = timedelta(days=366)

_INSTANT = timedelta(microseconds=1)
# A slot outside a window stays outside it from day to day, but for a change of the clocks:
# this much looking ahead tells "later" from "never" for rare slots and for frequent ones.
_HORIZON = timedelta(days=8)
_PATIENCE = 100


class Schedule(Protocol):
    """What a schedule means: instants without end, or nearly."""

    def first_after(self, moment: datetime) -> datetime | None:
        """The first instant later than `moment`, in UTC, or None when there is none any more."""


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


def parse_schedule(text: str, zone: ZoneInfo) -> Schedule:
    """The instants that `text` means in `zone`.

    An interval is counted from midnight of 1 January 1970 in `zone`, so that its slots are the
    same whenever the daemon was started. Cron times are those of the zone's wall clock
    (`scheduler.wall_clock` says what a change of the clocks does). Raises ValueError with a
    sentence.
    """
    schedule = read_schedule(text)
    if isinstance(schedule, Crontab):
        return _Times(schedule, zone)
    return _Interval(schedule, datetime(1970, 1, 1, tzinfo=zone).astimezone(UTC))


@dataclass(frozen=True, slots=True)
class _Times:
    line: Crontab
    zone: ZoneInfo

    def first_after(self, moment: datetime) -> datetime | None:
        return first_after(self.line, self.zone, moment)


@dataclass(frozen=True, slots=True)
class _Interval:
    length: timedelta
    start: datetime

    def first_after(self, moment: datetime) -> datetime | None:
        return self.start + ((moment - self.start) // self.length + 1) * self.length


@dataclass(frozen=True, slots=True)
class Jittered:
    """A schedule each of whose slots is put off by up to `jitter`, always by the same for the same.

    How much follows from the slot and from `name`, so that jobs of one schedule part, and whoever
    reckons comes to the same instants.
    """

    schedule: Schedule
    jitter: timedelta
    name: str

    def first_after(self, moment: datetime) -> datetime | None:
        """The first instant later than `moment`, in UTC, or None when there is none any more."""
        found: datetime | None = None
        slot = self.schedule.first_after(moment - self.jitter - _INSTANT)
        while slot is not None and (found is None or slot < found):
            put_off = slot + self._delay(slot)
            if put_off > moment and (found is None or put_off < found):
                found = put_off
            slot = self.schedule.first_after(slot)
        return found

    def _delay(self, slot: datetime) -> timedelta:
        drawn = sha256(f"{self.name} {slot.timestamp():.0f}".encode()).digest()
        seconds = int(self.jitter.total_seconds())
        return timedelta(seconds=int.from_bytes(drawn[:8]) % (seconds + 1))


def next_times(
    schedule: Schedule, after: datetime, count: int, within: Opening | None = None
) -> list[datetime]:
    """The first `count` instants later than `after`, in the zone of `after`.

    With `within`, only instants inside it; fewer than `count` when there are no more, or none
    that would ever lie inside.
    """
    return list(islice(instants(schedule, after, within), count))


def instants(
    schedule: Schedule, after: datetime, within: Opening | None = None
) -> Iterator[datetime]:
    """The same without end."""
    # Reckoned in UTC: wall-clock arithmetic goes wrong in the hours in which clocks are changed.
    moment, refused, give_up = after.astimezone(UTC), 0, after.astimezone(UTC) + _HORIZON
    while (found := schedule.first_after(moment)) is not None:
        moment = found
        local = moment.astimezone(after.tzinfo)
        if within is None or within.contains(local):
            yield local
            refused, give_up = 0, moment + _HORIZON
        else:
            refused += 1
            if refused > _PATIENCE and moment > give_up:
                return
