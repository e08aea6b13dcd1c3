"""Columns against their own past."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def columns(visit: Visit) -> Response:
    """The page."""
    return visit.page("columns.html")
