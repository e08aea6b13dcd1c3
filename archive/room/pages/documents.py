"""Documents: search, filters, and the list."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def documents(visit: Visit) -> Response:
    """The page."""
    return visit.page("documents.html")
