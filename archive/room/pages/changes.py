"""Changes, the newest first, by day and document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from starlette.responses import Response

from archive.comparison import Kind
from archive.errors import ConfigurationError
from archive.fields import Validity
from archive.questions.chronicle import ChangeFilter
from archive.room import paging
from archive.room.change_query import NAMES, change_filter
from archive.room.pages.parts import Chip, portal_columns
from archive.room.views.bars import Bar, bars
from archive.room.visit import Visit
from archive.telling.excerpt import excerpt

Row = dict[str, Any]

_PAGE = 80
_DAYS = 92
# The earliest day that as many lie before, and one to go back to.
_FIRST_END = date.min + timedelta(days=_DAYS)
# Beyond so many days without a change the bars end where the changes do.
_QUIET = 60
_EXCERPT_LINES = 2
# Counts of days that a page shows may be so old, in seconds.
_COUNTED = 60
_GRAVE = (Kind.VALIDITY, Kind.WITHDRAWN)


class Document(NamedTuple):
    """A document with what changed of it on a day, the newest first."""

    id: int
    latest: Row
    entries: list[Row]


class Day(NamedTuple):
    """A day of the ledger."""

    day: date
    documents: list[Document]
    changes: int


class DayBar(NamedTuple):
    """A day of the strip: its bar, and how many changes there were."""

    day: date
    bar: Bar
    changes: int
    is_chosen: bool


def changes(visit: Visit) -> Response:
    """The page."""
    chosen = change_filter(visit)
    shown, following = paging.entries(visit, chosen, "before", _PAGE)
    return visit.page(
        "changes.html",
        days=list(days(shown)),
        strip=_strip(visit, chosen),
        chosen=chosen,
        chips=_chips(visit, chosen),
        kinds=tuple(Kind),
        validities=tuple(Validity),
        columns=portal_columns(visit),
        watched=visit.given("watch"),
        feed={name: visit.given_all(name) or None for name in NAMES},
        query={name: visit.request.query_params.getlist(name) for name in NAMES},
        older=visit.here(before=following) if following is not None else None,
        newest=visit.here(before=None) if visit.given("before") else None,
    )


def days(entries: Iterable[Row]) -> Iterator[Day]:
    """Entries by the day of their zone and by document, in the order in which they came."""
    for day, of_day in groupby(entries, lambda one: date.fromisoformat(one["at"][:10])):
        by_document: dict[int, list[Row]] = {}
        for one in of_day:
            by_document.setdefault(one["document"], []).append(_with_excerpt(one))
        documents = [Document(key, rows[0], rows) for key, rows in by_document.items()]
        yield Day(day, documents, sum(len(one.entries) for one in documents))


def _with_excerpt(row: Row) -> Row:
    """An entry with the characters that differ, where its values are long."""
    is_long = row["kind"] == Kind.CONTENT or (
        row["kind"] == Kind.METADATA and len(row["before"] or "") + len(row["after"] or "") > 60
    )
    found = excerpt(row["before"], row["after"], lines=_EXCERPT_LINES) if is_long else None
    return {**row, "excerpt": found}


def _strip(visit: Visit, chosen: ChangeFilter) -> dict[str, object] | None:
    """The bars of about three months, up to the day asked for or the present one."""
    newest = visit.catalogue.last_day()
    if newest is None:
        return None
    today = datetime.now(visit.sources.zone).date()
    until = _day("bars", visit.given("bars"))
    last = until or (today if (today - newest).days <= _QUIET else newest)
    # There are no bars of days to come, nor of those for which there are no dates.
    last = max(_FIRST_END, min(last, max(today, newest)))
    undated = replace(chosen, since_ms=None, until_ms=None)
    counts = visit.memory.recall(
        ("changes by day", undated, last, newest),
        _COUNTED,
        lambda: visit.catalogue.changes_by_day(undated, days=_DAYS, last=last),
    )
    dates = [last - timedelta(days=back) for back in reversed(range(_DAYS))]
    drawn = bars([_parts(counts.get(day, {})) for day in dates])
    picked = (visit.given("since"), visit.given("until"))
    return {
        "bars": [
            DayBar(
                day,
                bar,
                sum(counts.get(day, {}).values()),
                picked == (day.isoformat(), day.isoformat()),
            )
            for day, bar in zip(dates, drawn, strict=True)
        ],
        "first": dates[0],
        "last": last,
        "middle": dates[_DAYS // 2],
        "earlier": visit.here(bars=(dates[0] - timedelta(days=1)).isoformat()),
        "later": visit.here(bars=min(last + timedelta(days=_DAYS), today).isoformat())
        if last < today and until
        else None,
    }


def _parts(counts: dict[str, int]) -> list[tuple[str, int]]:
    grave = sum(counts.get(kind, 0) for kind in _GRAVE)
    fresh = counts.get(Kind.CREATED, 0)
    return [("other", sum(counts.values()) - grave - fresh), ("good", fresh), ("grave", grave)]


def _day(name: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{name} should be a date such as 2025-01-31") from None


def _of_list(visit: Visit) -> str:
    return visit.say("filters.watch", name=visit.given("watch"))


def _chips(visit: Visit, chosen: ChangeFilter) -> list[Chip]:
    """The filters that are set, each with the way to the page without it."""
    names = {one["url"]: one["name"] for one in portal_columns(visit)}
    wording = visit.wording
    stated = [
        *(("kind", kind, wording.kinds[kind]) for kind in chosen.kinds),
        ("validity", chosen.validity, visit.validity_name(chosen.validity)),
        ("agency", chosen.agency, chosen.agency),
        ("category", chosen.category, chosen.category),
        ("column", chosen.column, names.get(chosen.column or "", chosen.column)),
        ("q", visit.given("q"), visit.given("q")),
        ("portal", chosen.portal, chosen.portal),
        ("watch", visit.given("watch"), _of_list(visit)),
        ("run", chosen.run, visit.say("run", id=chosen.run)),
        ("baseline", chosen.baseline or None, visit.say("changes.baseline")),
    ]
    since, until = visit.given("since"), visit.given("until")
    found = [
        Chip(name or "", visit.without(parameter, str(value)))
        for parameter, value, name in stated
        if value is not None
    ]
    if since and since == until:
        return [*found, Chip(since, visit.here(since=None, until=None, before=None))]
    for parameter, day in (("since", since), ("until", until)):
        if day:
            name = visit.say(f"filters.{parameter}", day=day)
            found.append(Chip(name, visit.without(parameter, day)))
    return found
