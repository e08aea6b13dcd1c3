"""How an archive grew, month by month, and what it takes on disk."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime
from itertools import accumulate, pairwise
from typing import NamedTuple

from archive.instants import to_ms
from archive.questions.source import Source

_QUARTER_MS = 15 * 60 * 1000


class Month(NamedTuple):
    """What there was at the end of a month: documents, and entries of the ledger."""

    first_day: date
    documents: int
    changes: int


class Storage(NamedTuple):
    """Distinct pages and files, their bytes as received, and the bytes of the database."""

    bodies: int
    received_bytes: int
    database_bytes: int
    free_bytes: int
    """Of the database: what is unused, and will be used for what is recorded next."""


def growth(source: Source, now: datetime) -> list[Month]:
    """Every month from the first capture to `now`, the oldest first."""
    began_ms = source.rows("SELECT min(first_seen_ms) FROM documents")[0][0]
    if began_ms is None:
        return []
    began = datetime.fromtimestamp(began_ms / 1000, source.zone)
    months = _months(began.date(), max(now.astimezone(source.zone), began).date())
    ends = [to_ms(datetime(*_next(month), 1, tzinfo=source.zone)) for month in months]
    documents = _documents_by(source, ends)
    # Month by month, since the ledger has an index of its times.
    changes = accumulate(
        source.rows("SELECT count(*) FROM changes WHERE at_ms >= ? AND at_ms < ?", (start, end))[0][
            0
        ]
        for start, end in pairwise([0, *ends])
    )
    return [Month(*one) for one in zip(months, documents, changes, strict=True)]


def storage(source: Source) -> Storage:
    """What is stored, and how much room it takes."""
    bodies, received = source.rows("SELECT count(*), coalesce(sum(bytes), 0) FROM bodies")[0]
    page, pages, free = (
        source.rows(f"PRAGMA {name}")[0][0]
        for name in ("page_size", "page_count", "freelist_count")
    )
    return Storage(bodies, received, page * pages, page * free)


def _documents_by(source: Source, ends: list[int]) -> list[int]:
    """How many documents were known before each of `ends`, which are in order."""
    fresh = [0] * len(ends)
    # One pass, by quarters of an hour: a month of any zone ends with one.
    for quarter, count in source.rows(
        f"""SELECT first_seen_ms / {_QUARTER_MS}, count(*) FROM documents
            WHERE merged_into IS NULL GROUP BY 1"""
    ):
        fresh[bisect_right(ends, quarter * _QUARTER_MS)] += count
    return list(accumulate(fresh))


def _months(first: date, last: date) -> list[date]:
    months = [first.replace(day=1)]
    while months[-1] < last.replace(day=1):
        months.append(date(*_next(months[-1]), 1))
    return months


def _next(month: date) -> tuple[int, int]:
    return month.year + month.month // 12, month.month % 12 + 1
