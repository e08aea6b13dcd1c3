"""A document as it stands, as it stood at a moment, or one of its versions."""

from __future__ import annotations

from typing import Any, NamedTuple

from starlette.responses import Response

from archive.errors import ArchiveUnusableError, NotFoundError, TookTooLongError
from archive.room.change_query import number
from archive.room.concluding import questions
from archive.room.concluding.concluder import NotConcludedYetError
from archive.room.concluding.questions import OfDocument
from archive.room.failures import Failure, told
from archive.room.views.blocks import blocks
from archive.room.views.validity_line import WIDTH, periods
from archive.room.visit import Visit
from archive.when import end_of

Row = dict[str, Any]

_PATIENCE = 1.0
"""How long a document waits for what is concluded about it, in seconds: it is read all the same."""
FIELDS = (
    "index_number",
    "document_number",
    "issuing_agency",
    "category",
    "written_on",
    "published_at",
    "repealed_on",
    "validity_label",
    "summary",
)
"""The fields in the order in which portals show them; the title stands above."""


class Step(NamedTuple):
    """A version on the time line."""

    version: int
    captured_at: str
    validity: str
    kinds: list[str]
    is_shown: bool


def document(visit: Visit) -> Response:
    """The page of a document, as it stands or as of a moment."""
    as_of = visit.given("as_of")
    as_of_ms = None if as_of is None else end_of(as_of, visit.sources.zone)
    shown = visit.catalogue.show(visit.place("id"), as_of_ms=as_of_ms)
    return _page(visit, shown, is_as_it_stands=True, as_of=as_of)


def version(visit: Visit) -> Response:
    """The page of one of its versions."""
    shown = visit.catalogue.show(visit.place("id"), version=visit.place("version"))
    return _page(visit, shown, is_as_it_stands=False)


def choose_comparison(visit: Visit) -> Response:
    """The way from the form with two versions to the address of their comparison, which stays."""
    before, after = number("from", visit.given("from")), number("to", visit.given("to"))
    document_id = visit.catalogue.find(visit.place("id"))
    if before is None or after is None:
        return visit.redirect(visit.url("document", id=document_id))
    return visit.redirect(visit.url("compare", id=document_id, before=before, after=after))


def _concluded(
    visit: Visit, document_id: int, version: int
) -> tuple[OfDocument | None, Failure | None]:
    """What is concluded about a document and claimed by this version; or why that is not known."""
    try:
        return visit.concluder.ask(_PATIENCE, questions.of_document, document_id, version), None
    except (NotConcludedYetError, TookTooLongError, NotFoundError, ArchiveUnusableError) as error:
        return None, told(error)


def _page(visit: Visit, shown: Row, *, is_as_it_stands: bool, as_of: str | None = None) -> Response:
    # Of what turned out to be another document, the versions stay where they were recorded.
    own = visit.place("id")
    document_id = visit.catalogue.find(own)
    history = visit.catalogue.history(document_id)
    versions = [
        (one["version"], one["captured_at"], one["validity"]) for one in history["versions"]
    ]
    events = [one for one in history["changes"] if one["kind"] in ("withdrawn", "restored")]
    is_own = is_as_it_stands or own == document_id
    # Of another document's version nothing is concluded: that one's claims are its own now.
    concluded, waits_for = (
        _concluded(visit, document_id, shown["version"]) if is_own else (None, None)
    )
    return visit.page(
        "document.html",
        concluded=concluded,
        waits_for=waits_for,
        id=document_id,
        own=document_id if is_as_it_stands else own,
        is_own=is_own,
        shown=shown,
        is_newest=shown["version"] == versions[-1][0],
        newest=versions[-1][0],
        as_of=as_of,
        history=history,
        fields=[name for name in FIELDS if shown[name] is not None],
        unstated=[name for name in FIELDS if shown[name] is None],
        blocks=list(blocks(shown["text"])),
        periods=periods(versions, shown["last_checked"]),
        line_width=WIDTH,
        steps=[
            Step(
                one["version"],
                one["captured_at"],
                one["validity"],
                list(dict.fromkeys(one["changes"])),
                one["version"] == shown["version"] and is_own,
            )
            for one in reversed(history["versions"])
        ],
        events=events[::-1],
        stated_title=shown["title"] or shown["url"],
    )
