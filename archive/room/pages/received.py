"""What a portal sent: a version's page to be looked at, its source, its bytes, its attachments."""

from __future__ import annotations

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from archive.room.received import (
    INERT_POLICY,
    disposition,
    file_name,
    inert_page,
    media_type_of,
    source_of,
)
from archive.room.visit import Visit

_MOST_SHOWN = 2_000_000


def received(visit: Visit) -> Response:
    """The page around a version's page as it was received, which stands in a frame of its own."""
    shown = visit.catalogue.show(visit.place("id"), version=visit.place("version"))
    return visit.page("received.html", id=visit.place("id"), shown=shown)


def frame(visit: Visit) -> Response:
    """A version's page, made inert, for that frame."""
    page = visit.apart.do(inert_page, _source(visit)[:_MOST_SHOWN])
    return HTMLResponse(page, headers={"Content-Security-Policy": INERT_POLICY})


def source(visit: Visit) -> Response:
    """The source of a version's page, as text."""
    return PlainTextResponse(_source(visit))


def received_bytes(visit: Visit) -> Response:
    """The very bytes of a version's page, to be saved."""
    raw = visit.catalogue.raw(visit.place("id"), version=visit.place("version"))
    name = f"document-{visit.place('id')}-version-{visit.place('version')}.html"
    return _saved(raw.body, "application/octet-stream", name)


def attachment(visit: Visit) -> Response:
    """An attachment of a version, to be saved."""
    file = visit.catalogue.attachment(
        visit.place("id"), visit.place("version"), visit.place("place")
    )
    return _saved(file.body, media_type_of(file), file_name(file.name, file.url))


def _source(visit: Visit) -> str:
    raw = visit.catalogue.raw(visit.place("id"), version=visit.place("version"))
    return source_of(raw, visit.sources.readers)


def _saved(body: bytes, media_type: str, name: str) -> Response:
    return Response(
        body,
        headers={"Content-Disposition": disposition(name), "Content-Type": media_type},
    )
