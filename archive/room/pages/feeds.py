"""Feeds of the changes that a filter lets through."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from archive.feeds import ATOM_TYPE, JSON_TYPE, Feed, atom_feed, json_feed
from archive.room.change_query import NAMES, change_filter
from archive.room.paging import newest_entries
from archive.room.visit import Visit
from archive.room.words import CHINESE

Row = dict[str, Any]
_ENTRIES = 100


def atom(visit: Visit) -> Response:
    """The newest changes as an Atom feed."""
    return _answer(visit, atom_feed, ATOM_TYPE)


def json(visit: Visit) -> Response:
    """The newest changes as a JSON Feed."""
    return _answer(visit, json_feed, JSON_TYPE)


def _answer(
    visit: Visit, make: Callable[[Feed, Iterable[Row]], bytes], media_type: str
) -> Response:
    rows = newest_entries(visit, change_filter(visit), _ENTRIES)
    body = make(_feed(visit), rows)
    # Readers ask every few minutes, and hardly ever is there anything new.
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag}
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "Content-Type": f"{media_type}; charset=utf-8"})


def _feed(visit: Visit) -> Feed:
    filters = [(name, value) for name in NAMES for value in sorted(visit.given_all(name))]
    query = urlencode(filters)
    base = visit.base

    def page(row: Row) -> str | None:
        here = {"id": row["document"]}
        if row["compares"]:
            after = row["version"]
            return base + visit.url("compare", **here, before=after - 1, after=after)
        return base + visit.url("document", **here)

    return Feed(
        title=visit.say("feed"),
        name=f"changes?{query}" if query else "changes",
        language="zh" if visit.language == CHINESE else "en",
        url=base + visit.here(),
        home=base + visit.url("changes", dict(_grouped(filters))),
        page=page,
        portals={one["portal"]: one["name"] for one in visit.works.portals()},
    )


def _grouped(filters: list[tuple[str, str]]) -> dict[str, object]:
    found: dict[str, list[str]] = {}
    for name, value in filters:
        found.setdefault(name, []).append(value)
    return dict(found)
