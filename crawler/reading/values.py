"""Values of fields as pages write them: dates and times (no guessing, ever)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from zoneinfo import ZoneInfo

_DATE = (
    r"(?P<year>\d{4})(?:-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})|/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})"
    r"|\.(?P<m3>\d{1,2})\.(?P<d3>\d{1,2})|年(?P<m4>\d{1,2})月(?P<d4>\d{1,2})日?)"
)
_SECOND = r"(?P<second>\d{1,2})(?:\.\d+)?秒?"
_TIME = rf"(?P<hour>\d{{1,2}})[:时点](?:(?P<minute>\d{{1,2}})(?:[:分](?:{_SECOND})?)?)?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_MOMENT = re.compile(rf"{_DATE}(?:[T ]*(?:星期.)?[T ]*{_TIME} ?{_ZONE})?")
_DATE_ANYWHERE = re.compile(rf"(?<!\d){_DATE}(?!\d)")
_DAY_ABOVE_MONTH = re.compile(
    r"(?<!\d)(?P<day>\d{2})\s*(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{2})(?!\d|[-/.]\d)"
)
_NUMERAL_DATE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日?"
)
_DIGITS = {"〇": 0, "○": 0, "零": 0} | {digit: n for n, digit in enumerate("一二三四五六七八九", 1)}


def read_date(value: str) -> str | None:
    """The ISO date that `value` states, its time dropped, or None where it states none."""
    moment = _moment(value)
    return moment.date().isoformat() if moment else None


def read_moment(value: str, zone: ZoneInfo) -> str | None:
    """The ISO date-time, to the second, that `value` states, or None where it states none.

    A time without a zone is the portal's local time and gets the offset that `zone` had then; a
    date alone is its first moment; one of another zone is converted.
    """
    moment = _moment(value)
    if moment is None:
        return None
    try:
        local = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except OverflowError:  # at the ends of the calendar
        return None
    return local.isoformat(timespec="seconds")


def find_date(text: str) -> str | None:
    """The last date in `text`, in any of the three spellings with digits, as an ISO date.

    Without one, a day that stands above its month, as many lists set it: 05, and below it 2024-03.
    """
    found = None
    for match in _DATE_ANYWHERE.finditer(text):
        found = _date_of(match) or found
    if found is None and (above := _DAY_ABOVE_MONTH.search(text)):
        try:
            found = dt.date(*map(int, above.group("year", "month", "day")))
        except ValueError:
            return None
    return found.isoformat() if found else None


def _moment(value: str) -> dt.datetime | None:
    text = unicodedata.normalize("NFKC", value).strip()
    text = _NUMERAL_DATE.sub(_in_digits, text)
    text = re.sub(r"(?<=[年月]) +(?=\d)|(?<=\d) +(?=[年月日时分秒])", "", text)
    match = _MOMENT.fullmatch(text)
    date = _date_of(match) if match else None
    if match is None or date is None:
        return None
    try:
        time = dt.time(
            int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0)
        )
    except ValueError:
        return None
    return dt.datetime.combine(date, time, _zone_of(match["zone"]))


def _date_of(match: re.Match[str]) -> dt.date | None:
    month = match["m1"] or match["m2"] or match["m3"] or match["m4"]
    day = match["d1"] or match["d2"] or match["d3"] or match["d4"]
    try:
        return dt.date(int(match["year"]), int(month), int(day))
    except ValueError:
        return None


def _zone_of(offset: str | None) -> dt.tzinfo | None:
    if offset is None:
        return None
    if offset == "Z":
        return dt.UTC
    sign = -1 if offset[0] == "-" else 1
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return dt.timezone(sign * dt.timedelta(minutes=minutes)) if minutes < 24 * 60 else None


def _in_digits(match: re.Match[str]) -> str:
    """二〇二四年十二月二十三日 in digits."""
    year = "".join(str(_DIGITS[digit]) for digit in match[1])
    return f"{year}年{_number(match[2])}月{_number(match[3])}日"


def _number(numeral: str) -> int:
    """A numeral below one hundred; one that is malformed gives a number that is no day."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS[numeral] if len(numeral) == 1 else 99
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return 99
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
