"""A cell's value as its sheet shows it: numbers and dates by their number format."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# Parts of a number format: text in quotation marks, escaped signs, colours and conditions, padding.
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[(?:\$([^\]-]*)(?:-[^\]]*)?|[^\]]*)\]|_.|\*.')
_DATE_PART = re.compile(r"y+|m+|d+|h+|s+|a{3,4}|上午/下午|am/pm|a/p|\.0+", re.IGNORECASE)
_NUMBER = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?,*")
_WEEKDAYS = "一二三四五六日"
_PRECISION = 11


def shown(value: object, form: str | None) -> str:
    """The text of a cell with this number format."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        return _moment(value, form or "")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, int | float):
        return _number(value, form or "General")
    return str(value)


def _moment(value: date | time, form: str) -> str:
    """A date or a time; where the format is the system's own, as ISO 8601 has it."""
    section = form.split(";")[0]
    bare = _LITERAL.sub(lambda one: one[1] or one[2] or "", section)
    parts = _DATE_PART.findall(bare)
    if not parts or re.match(r"\[\$-F[48]00\]|mm-dd-yy$|general$|@$", section, re.IGNORECASE):
        if isinstance(value, datetime):
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
        return value.isoformat()
    at = value if isinstance(value, datetime) else None
    day = value if isinstance(value, date) else date(1900, 1, 1)
    clock = at.time() if at else value if isinstance(value, time) else time()
    twelve = any(part.lower() in ("am/pm", "a/p", "上午/下午") for part in parts)
    places = list(_DATE_PART.finditer(bare))

    def part(place: int) -> str:
        found = places[place][0].lower()
        before = places[place - 1][0].lower() if place else ""
        after = places[place + 1][0].lower() if place + 1 < len(places) else ""
        if found[0] == "m" and (before.startswith("h") or after.startswith("s")):
            return f"{clock.minute:0{min(len(found), 2)}d}"
        match found[0]:
            case "y":
                return f"{day.year:04d}" if len(found) > 2 else f"{day.year % 100:02d}"
            case "m":
                return f"{day.month:0{min(len(found), 2)}d}" if len(found) < 3 else str(day.month)
            case "d" if len(found) > 2:
                return f"星期{_WEEKDAYS[day.weekday()]}"
            case "d":
                return f"{day.day:0{len(found)}d}"
            case "h":
                hour = (clock.hour - 1) % 12 + 1 if twelve else clock.hour
                return f"{hour:0{min(len(found), 2)}d}"
            case "s":
                return f"{clock.second:0{min(len(found), 2)}d}"
            case "a" if found.startswith("aaa"):
                name = _WEEKDAYS[day.weekday()]
                return f"星期{name}" if len(found) > 3 else name
            case "a" | "上":
                return (
                    ("AM", "PM")[clock.hour >= 12]
                    if found[0] == "a"
                    else ("上午", "下午")[clock.hour >= 12]
                )
        return ""

    pieces, end = [], 0
    for place, found in enumerate(places):
        pieces += [bare[end : found.start()], part(place)]
        end = found.end()
    return "".join([*pieces, bare[end:]]).strip()


def _number(value: float, form: str) -> str:
    sections = form.split(";")
    section = sections[0]
    negative = value < 0
    if negative and len(sections) > 1:
        section, value, negative = sections[1], -value, False
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    signs = [one[1] or one[2] or one[3] or "" for one in _LITERAL.finditer(section)]
    bare = _LITERAL.sub("\0", section)
    pattern = _NUMBER.search(bare)
    if pattern is None or "general" in bare.lower() or "e" in bare.lower() or "/" in bare:
        return _general(value)
    try:
        number = abs(Decimal(repr(float(value))))
    except InvalidOperation:
        return _general(value)
    if not number.is_finite():
        return _general(value)
    if "%" in bare:
        number *= 100
    whole, _, decimals = pattern[0].partition(".")
    thousands = len(pattern[0]) - len(pattern[0].rstrip(","))
    number /= Decimal(1000) ** thousands
    decimals = decimals.rstrip(",")
    rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    grouped = "," in whole.rstrip(",")
    written = f"{rounded:,f}" if grouped else f"{rounded:f}"
    integer, point, fraction = written.partition(".")
    optional = len(decimals) - len(decimals.rstrip("#?"))
    while optional and fraction.endswith("0"):
        fraction, optional = fraction[:-1], optional - 1
    integer = integer.zfill(whole.count("0")) if not grouped else integer
    written = integer + (point + fraction if fraction else "")
    around = bare[: pattern.start()] + "\1" + bare[pattern.end() :]
    for sign in signs:
        around = around.replace("\0", sign, 1)
    text = around.replace("\1", written).strip()
    return f"-{text}" if negative and rounded else text


def _general(value: float) -> str:
    """A number without a format: as many digits as Excel shows, none after it that are zero."""
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.{_PRECISION}g}"
