"""The window: the hours of the day in which the daemon may ask a portal (R19). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_SPELLING = re.compile(
    r"(?P<from>(?:[01]\d|2[0-3]):[0-5]\d)-(?P<to>(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
)


@dataclass(frozen=True, slots=True)
class Window:
    """The hours from `opens` (included) to `closes` (excluded) of each day, on the clock of `zone`.

    A window that closes at or before the time it opens goes on past midnight.
    """

    opens: time
    closes: time
    zone: tzinfo

    @classmethod
    def parse(cls, text: str, zone: tzinfo) -> Window:
        """The window written `HH:MM-HH:MM`, such as `20:00-07:00`; ValueError for anything else."""
        match = _SPELLING.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                f"{text!r} is not a window of the form HH:MM-HH:MM, such as 20:00-07:00"
            )
        if match["from"] == match["to"]:
            raise ValueError(f"{text!r} is empty; for the whole day leave the window out")
        opens, closes = match["from"], match["to"].replace("24:00", "00:00")
        return cls(time.fromisoformat(opens), time.fromisoformat(closes), zone)

    def contains(self, moment: datetime) -> bool:
        """Whether an aware `moment`, in whatever time zone, lies in the window."""
        instant = moment.astimezone(UTC)
        return any(start <= instant < end for start, end in self._around(instant))

    def closes_at(self, moment: datetime) -> datetime:
        """The end of the window that is open at `moment`, or else of the next one, in `zone`."""
        instant = moment.astimezone(UTC)
        end = next(end for _, end in self._around(instant) if instant < end)
        return end.astimezone(self.zone)

    def opens_after(self, moment: datetime) -> datetime:
        """The first instant from `moment` on at which the window is open, in `zone`."""
        instant = moment.astimezone(UTC)
        starts = (max(start, instant) for start, end in self._around(instant) if instant < end)
        return next(starts).astimezone(self.zone)

    def _around(self, instant: datetime) -> list[tuple[datetime, datetime]]:
        """The windows of the day before, the day of and the day after `instant`, in UTC.

        In UTC because two times in one zone compare by what the clock shows, which repeats itself
        when the clock is put back.
        """
        today = instant.astimezone(self.zone).date()
        spans = []
        for offset in (-1, 0, 1):
            day = today + timedelta(days=offset)
            last = day if self.opens < self.closes else day + timedelta(days=1)
            spans.append((self._instant(day, self.opens), self._instant(last, self.closes)))
        return spans

    def _instant(self, day: date, at: time) -> datetime:
        """When the clock shows `at` on `day`; if it skips that time, as long after the skip."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)
