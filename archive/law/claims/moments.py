"""From when something holds, as a sentence says it: a date, or a day counted from another one."""

from __future__ import annotations

import re
from datetime import date

from archive.law.claims.claim import Days
from archive.law.words.dates import DATE, SPAN, after, read_days, read_period

_PLAIN_DATE = re.sub(r"\?P<\w+>", "?:", DATE)
_PLAIN_SPAN = re.sub(r"\?P<\w+>", "?:", SPAN)
_ISSUE = "印发|下发|发文|签发|成文|制发|颁发"
_PUBLICATION = "发布|公布|颁布|公告|公开|发出|刊登|刊发|登报"
_ACT = "施行|实施|生效|执行|实行"
_SUBJECT = r"(?:本|此|该|新)?(?:(?![自从于])[\u4e00-\u9fff]){0,8}?"
_EVENT = rf"{_SUBJECT}(?:正式|向社会)?(?:{_ISSUE}|{_PUBLICATION}|{_ACT})"
_NEXT_MONTH = r"[次下](?P<unit>个?月|年1月|年一月)(?:1|一)[日号]"
_PLAIN_NEXT_MONTH = _NEXT_MONTH.replace("?P<unit>", "?:")

MOMENT = (
    rf"(?:(?:(?:自|从|于)\s*{_PLAIN_DATE}(?:零时|0时)?(?:之日)?(?:起|开始)?"
    rf"|{_PLAIN_DATE}(?:零时|0时)?(?:之日)?(?:起|开始)"
    rf"|(?:自|从|于|以)?\s*{_EVENT}(?:(?:之日)?的?{_PLAIN_NEXT_MONTH}(?:起|开始)?"
    rf"|(?:之?次日|第二日)(?:起|开始)?"
    rf"|(?:之日|当日|日|之时)?(?:起|开始|同时)"
    rf"|(?:之日起|之日|后)?(?:届?满|第)?\s*{_PLAIN_SPAN}(?:之?后|以后|起)?"
    rf"|之日))"
    rf"(?:，?(?:届?满|的?第)?\s*{_PLAIN_SPAN}(?:之后|以后|后|届满|起)(?:起|开始)?)?"
    r"|自?即日起)"
)
"""A pattern, without groups, for the words that say from when."""

_ABSOLUTE = re.compile(rf"(?:自|从|于|以)?\s*(?P<date>{_PLAIN_DATE})(?P<rest>.*)", re.DOTALL)
_RELATIVE = re.compile(
    rf"(?:自|从|于|以)?\s*(?:{_SUBJECT})(?:正式|向社会)?"
    rf"(?P<event>{_ISSUE}|{_PUBLICATION}|{_ACT})(?P<rest>.*)",
    re.DOTALL,
)
_OFFSET = re.compile(rf"(?P<nth>第)?\s*(?P<span>{_PLAIN_SPAN})(?:之后|以后|后|届满|起)*$")


def read_moment(text: str, days: Days, force: date | None) -> date | None:
    """The first day that `text`, which `MOMENT` matches, means; None where it cannot be told.

    `force` is the day on which the text that speaks takes effect.
    """
    if "即日" in text:
        return days.of_publication
    match = _ABSOLUTE.fullmatch(text)
    if match is not None:
        known = read_days(match["date"])
        start = known.first if known else None
    else:
        match = _RELATIVE.fullmatch(text)
        if match is None:
            return None
        event = match["event"]
        if event in _ISSUE.split("|"):
            start = days.of_issue
        elif event in _PUBLICATION.split("|"):
            start = days.of_publication
        else:
            start = force
    return _shifted(start, match["rest"]) if start else None


def _shifted(start: date, rest: str) -> date | None:
    """`start` and what the words after it add: 次日, 30日后, 第30日."""
    if (begins := re.search(_NEXT_MONTH, rest)) is not None:
        return _first_of_next(start, of_year="年" in begins["unit"])
    if "次日" in rest or "第二日" in rest:
        return after(start, "P1D")
    offset = _OFFSET.search(rest)
    if offset is None:
        return start
    period = read_period(offset["span"])
    if period is None:
        return None
    if offset["nth"]:
        # The first day is the one that is counted from.
        moved = after(start, period)
        return after(start, f"P{(moved - start).days - 1}D") if moved and moved > start else None
    return after(start, period)


def _first_of_next(day: date, *, of_year: bool) -> date | None:
    """The first day of the month, or of the year, that follows."""
    return after(day.replace(month=1 if of_year else day.month, day=1), "P1Y" if of_year else "P1M")
