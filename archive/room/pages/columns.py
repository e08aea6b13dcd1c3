"""Columns against their own past."""

from __future__ import annotations

from starlette.responses import Response

from archive.questions.visits import ColumnPast
from archive.room.pages.parts import named
from archive.room.views.bars import Bar, bars
from archive.room.visit import Visit

_VISITS = 40


def columns(visit: Visit) -> Response:
    """The page."""
    names = named(visit)
    portals = {one["portal"]: one["name"] for one in visit.works.portals()}
    by_portal: dict[str, list[dict[str, object]]] = {}
    for one in visit.catalogue.columns_past(last=_VISITS):
        by_portal.setdefault(one.portal, []).append(
            {"past": one, "name": names.get(one.url, one.url), "bars": _bars(one)}
        )
    for found in by_portal.values():
        found.sort(key=lambda one: not _is_odd(one["past"]))
    return visit.page(
        "columns.html",
        portals=[(key, portals.get(key, key), found) for key, found in by_portal.items()],
        places=_VISITS,
    )


def _is_odd(past: object) -> bool:
    return isinstance(past, ColumnPast) and past.is_odd


def _bars(past: ColumnPast) -> list[Bar]:
    """The rows of the visits, the oldest first, at the end of as many places as there are."""
    seen = [
        [("grave" if one.failed else "rows", max(one.rows, 1 if one.failed else 0))]
        for one in reversed(past.visits)
    ]
    empty: list[list[tuple[str, int]]] = [[] for _ in range(_VISITS - len(seen))]
    return bars([*empty, *seen])
