"""Changes, the newest first."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def changes(visit: Visit) -> Response:
    """The page."""
    return visit.page("changes.html")
