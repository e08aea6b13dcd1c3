"""Instants as people write them: a date, or a date and a time, in the configured time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from archive.errors import ConfigurationError
from archive.instants import to_ms


class NotAnInstantError(ConfigurationError):
    """A word that is neither a date nor a date-time."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no date or time; write 2025-01-31, or 2025-01-31T09:30 for an hour"
        )
        self.text = text


def start_of(text: str, zone: tzinfo) -> int:
    """The instant meant by `text` as a beginning: a date means its first moment. In ms."""
    day = _as_date(text)
    if day is not None:
        return to_ms(datetime.combine(day, time.min, zone))
    return to_ms(_as_datetime(text, zone))


def end_of(text: str, zone: tzinfo) -> int:
    """The instant meant by `text` as an end: a date means its last moment. In ms."""
    day = _as_date(text)
    if day == date.max:
        # It has no day after it, and some people write it for ever.
        return to_ms(datetime.combine(day, time(23, 59, 59), zone)) + 999
    if day is not None:
        return to_ms(datetime.combine(day + timedelta(days=1), time.min, zone)) - 1
    # A time to the second means the whole of that second.
    return to_ms(_as_datetime(text, zone)) + 999


def day_of(text: str, zone: tzinfo) -> date:
    """The day meant by `text`: of a date and a time, the day that it is on in `zone`."""
    day = _as_date(text)
    if day is not None:
        return day
    try:
        return _as_datetime(text, zone).astimezone(zone).date()
    except OverflowError as error:  # in the first or the last hours that there are dates for
        raise NotAnInstantError(text) from error


def _as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _as_datetime(text: str, zone: tzinfo) -> datetime:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise NotAnInstantError(text) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
