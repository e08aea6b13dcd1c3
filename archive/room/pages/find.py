"""From any number or address of a document to its page, by a link that stays valid."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def find(visit: Visit) -> Response:
    """The way to the document that `index` names; a form where nothing is asked for."""
    index = visit.given("index")
    if index is None:
        return visit.page("find.html")
    return visit.redirect(visit.url("document", id=visit.catalogue.find(index)))
