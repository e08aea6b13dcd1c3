"""A document, and one of its versions."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def document(visit: Visit) -> Response:
    """The page of a document."""
    return visit.page("document.html", shown=visit.catalogue.show(visit.place("id")))


def version(visit: Visit) -> Response:
    """The page of one of its versions."""
    shown = visit.catalogue.show(visit.place("id"), version=visit.place("version"))
    return visit.page("document.html", shown=shown)
