"""What is concluded about force: what does not fit together, a day, and what will run out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from starlette.responses import Response

from archive.errors import ConfigurationError
from archive.law.conflicts.conflict import ConflictKind
from archive.room.change_query import number, watch_list
from archive.room.concluding import questions
from archive.room.concluding.questions import Part
from archive.room.visit import Visit
from archive.when import day_of

PATIENCE = 4.0
"""How long a page about conclusions waits for them, in seconds."""
_CONFLICTS = 50
_DOCUMENTS = 100
_LAST_PAGE = 4000


def conflicts(visit: Visit) -> Response:
    """The page of what does not fit together, the newest first."""
    kinds = conflict_kinds(visit)
    with_resolved = visit.given("all") is not None
    page = _page_number(visit)
    portal = visit.given("portal")
    found = visit.concluder.ask(
        PATIENCE,
        questions.conflicts,
        kinds,
        portal,
        None,
        watch_list(visit),
        resolved=with_resolved,
        newest_first=True,
        offset=(page - 1) * _CONFLICTS,
        limit=_CONFLICTS,
    )
    return visit.page(
        "conflicts.html",
        tab="conflicts",
        found=found.part.items,
        total=found.part.total,
        by_kind=[
            (kind.value, count, _chosen(visit, kind), kind in kinds)
            for kind, count in found.by_kind.items()
        ],
        kinds=tuple(ConflictKind),
        chosen=kinds,
        with_resolved=with_resolved,
        other=visit.here(all=None if with_resolved else "1", page=None),
        portal=portal,
        portals=visit.catalogue.portals(),
        watched=visit.given("watch"),
        zone=visit.sources.zone,
        **_pages(visit, page, found.part, _CONFLICTS),
    )


def in_force(visit: Visit) -> Response:
    """The page of a day: what was in force by the portal, and by what the texts claim."""
    day = day_asked(visit, "as_of") or today(visit)
    differing = visit.given("differs") is not None
    page = _page_number(visit)
    agency, category = visit.given("agency"), visit.given("category")
    found = visit.concluder.ask(
        PATIENCE,
        questions.in_force,
        day,
        visit.given("portal"),
        agency,
        category,
        None,
        differing=differing,
        offset=(page - 1) * _DOCUMENTS,
        limit=_DOCUMENTS,
    )
    return visit.page(
        "in_force.html",
        tab="in_force",
        found=found,
        day=day,
        agency=agency,
        category=category,
        differing=differing,
        **_pages(visit, page, found.part, _DOCUMENTS),
    )


def calendar(visit: Visit) -> Response:
    """The page of what will run out, the soonest first, by months."""
    rows, page = _expiries(visit), _page_number(visit)
    first = (page - 1) * _DOCUMENTS
    part = Part(rows[first : first + _DOCUMENTS], len(rows))
    months: dict[str, list[object]] = {}
    for row, document in part.items:
        months.setdefault(row["last_day"][:7], []).append((row, document))
    return visit.page(
        "calendar.html",
        tab="calendar",
        months=[(date.fromisoformat(f"{month}-01"), found) for month, found in months.items()],
        total=len(rows),
        until=visit.given("until"),
        watched=visit.given("watch"),
        feed={name: visit.given(name) for name in ("until", "portal", "watch")},
        **_pages(visit, page, part, _DOCUMENTS),
    )


def calendar_feed(visit: Visit) -> Response:
    """The same for calendar programs, as an iCalendar feed."""
    # Here, since the library is slow to load, and needed here alone.
    from archive.law.force.expiries import as_icalendar

    feed = as_icalendar([row for row, _ in _expiries(visit)], visit.sources.zone)
    return Response(feed, media_type="text/calendar; charset=utf-8")


def conflict_kinds(visit: Visit) -> tuple[str, ...]:
    """The kinds of conflicts that are asked for. Raises ConfigurationError for one there is not."""
    kinds = tuple(dict.fromkeys(visit.given_all("kind")))
    for kind in kinds:
        if kind not in list(ConflictKind):
            raise ConfigurationError(
                f"{kind!r} is no kind of conflict; there is {', '.join(ConflictKind)}"
            )
    return kinds


def day_asked(visit: Visit, name: str) -> date | None:
    """The day that a parameter names. Raises ConfigurationError where it is none."""
    text = visit.given(name)
    return None if text is None else day_of(text, visit.sources.zone)


def today(visit: Visit) -> date:
    """The day that it is in the room's zone."""
    return datetime.now(visit.sources.zone).date()


def _expiries(visit: Visit) -> list[tuple[questions.Row, int]]:
    until = day_asked(visit, "until")
    return visit.concluder.ask(
        PATIENCE, questions.calendar, until, visit.given("portal"), None, watch_list(visit)
    )


def _chosen(visit: Visit, kind: ConflictKind) -> str:
    """The way to the conflicts of that kind alone, or back to all."""
    is_chosen = conflict_kinds(visit) == (kind,)
    return visit.here(kind=None if is_chosen else kind.value, page=None)


def _page_number(visit: Visit) -> int:
    return max(1, min(number("page", visit.given("page")) or 1, _LAST_PAGE))


def _pages(visit: Visit, page: int, part: Part, size: int) -> dict[str, Any]:
    return {
        "previous": visit.here(page=page - 1 if page > 2 else None) if page > 1 else None,
        "next": visit.here(page=page + 1) if part.has_more((page - 1) * size) else None,
    }
