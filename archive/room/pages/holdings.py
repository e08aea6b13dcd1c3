"""What the archive holds."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def holdings(visit: Visit) -> Response:
    """The page."""
    return visit.page("holdings.html")
