"""Two versions of a document compared."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def compare(visit: Visit) -> Response:
    """The page."""
    revision = visit.catalogue.revision(
        visit.place("id"), visit.sources.readers, visit.place("before"), visit.place("after")
    )
    return visit.page("compare.html", revision=revision)
