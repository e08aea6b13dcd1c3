"""Every address of the reading room, with its name and who answers there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from starlette.responses import Response

from archive.room.pages import (
    changes,
    columns,
    compare,
    document,
    documents,
    find,
    holdings,
    runs,
)
from archive.room.staff import Lane
from archive.room.visit import Visit

Answer = Callable[[Visit], Response]


class Door(NamedTuple):
    """An address, the name by which links lead there, and how it is answered."""

    path: str
    name: str
    answer: Answer
    lane: Lane = Lane.QUICK


PAGES: tuple[Door, ...] = (
    Door("/", "home", changes.changes),
    Door("/changes", "changes", changes.changes),
    Door("/documents", "documents", documents.documents, Lane.SEARCH),
    Door("/documents/{id:int}", "document", document.document),
    Door("/documents/{id:int}/versions/{version:int}", "version", document.version),
    Door(
        "/documents/{id:int}/compare/{before:int}...{after:int}",
        "compare",
        compare.compare,
        Lane.SEARCH,
    ),
    Door("/find", "find", find.find),
    Door("/runs", "runs", runs.runs),
    Door("/runs/{id:int}", "run", runs.run),
    Door("/columns", "columns", columns.columns),
    Door("/holdings", "holdings", holdings.holdings),
)
