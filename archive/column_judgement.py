"""Whether a list shows what it used to show: one visit held against those before it (R14). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

# How many earlier visits a visit is judged against, and below which share of them it is odd.
PAST_VISITS = 5
_FAR_LESS = 0.5


class Oddity(StrEnum):
    """What can be odd about a visit of a column."""

    UNREAD = "unread"
    """A page of the list could not be had."""
    EMPTY = "empty"
    FEWER = "fewer"
    """It shows far fewer documents than it used to."""


class Seen(NamedTuple):
    """What a visit saw: rows in all and on the first page, and whether it came to the end."""

    rows: int
    first_page_rows: int
    reached_end: bool


def judge(url: str, seen: Seen, past: Sequence[Seen]) -> tuple[Oddity, str] | None:
    """What is odd, with a sentence, about a visit that could read the list at `url`; None if sound.

    `past` are the last `PAST_VISITS` visits before it that showed documents.
    """
    if seen.rows == 0:
        before = "it used to" if past else "and never did"
        return Oddity.EMPTY, f"the list {url} shows no documents, {before}"
    usual_page = max((one.first_page_rows for one in past), default=0)
    if seen.first_page_rows < usual_page * _FAR_LESS:
        return (
            Oddity.FEWER,
            f"the first page of the list {url} shows {seen.first_page_rows} rows,"
            f" it used to show {usual_page}",
        )
    usual = max((one.rows for one in past if one.reached_end), default=0)
    if seen.reached_end and seen.rows < usual * _FAR_LESS:
        return Oddity.FEWER, f"the list {url} shows {seen.rows} rows, it used to show {usual}"
    return None
