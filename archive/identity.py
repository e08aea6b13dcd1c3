"""Which document a captured page is: pure (R2–R5).

Decided from what is known of the place, of the places that redirected to it, and of the documents
that go by its number. Looking these up is somebody else's work, and so is acting on the decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.likeness import texts_alike, titles_agree
from archive.numbers import completes
from archive.whitespace import text_key, without_space


@dataclass(frozen=True, slots=True)
class Page:
    """What identity is judged by."""

    number: str | None
    title: str
    text: str
    has_metadata: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A document as last seen at the place in question."""

    document: int
    page: Page


@dataclass(frozen=True, slots=True)
class SameDocument:
    """The place shows the document that it showed before.

    Where its number is new, other documents may go by it already: `twin` is one that turns out to
    be this document (R2, R3), `collides_with` are those that are not.
    """

    document: int
    twin: int | None = None
    collides_with: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FurtherLocation:
    """A place not known before shows a document that is known from elsewhere."""

    document: int


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Nothing known is this document; `collides_with` carry its number all the same (R3)."""

    collides_with: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """The page at a known place is somebody else's, or no document any more (R4, R10)."""

    reason: str


Decision = SameDocument | FurtherLocation | NewDocument | Suspect


def identify(
    page: Page,
    *,
    here: Known | None,
    moved_from: Known | None,
    same_number: Sequence[Known],
    same_serial: Sequence[Known],
    accepted: bool = False,
) -> Decision:
    """Decide which document `page` is.

    `here` is what its location showed before, `moved_from` what a location showed that now
    redirects to it. `same_number` are the documents that go by the page's number within the scope
    that the number has (R2), `same_serial` those on the same host whose number has the same year
    and serial but is complete where the page's is not, or the reverse (R4). `accepted` tells that a
    person found the page to be the document of its location, whatever speaks against it (R10).
    """
    if here is not None:
        reason = "" if accepted else _not_the_document(page, here.page)
        return Suspect(reason) if reason else _at_known_place(page, here, same_number)
    if moved_from is not None and (
        pages_agree(page, moved_from.page) or _one_number(page, moved_from)
    ):
        return FurtherLocation(moved_from.document)
    for known in same_number:
        if pages_agree(page, known.page):
            return FurtherLocation(known.document)
    if same_number:
        return NewDocument(tuple(known.document for known in same_number))
    for known in same_serial:
        if titles_agree(page.title, known.page.title):
            return FurtherLocation(known.document)
    return NewDocument()


def _not_the_document(page: Page, before: Page) -> str:
    """Why a page is not what its place showed before; `""` when it can be."""
    if before.has_metadata and not page.has_metadata:
        return "a known document without its metadata"
    if page.number != before.number and not titles_agree(page.title, before.title):
        # Documents written to one pattern, such as announcements, are alike but for a few words.
        # Where one has taken the place of another, nothing of what they are known by is the same.
        is_another = _is_another(page.number, before.number)
        if not texts_alike(page.text, before.text) or (
            is_another and text_key(page.text) != text_key(before.text)
        ):
            return "number, title and text have all changed at once"
    # Where there is no number, title and text are all that a document is known by.
    if (
        page.number is None
        and without_space(page.title) != without_space(before.title)
        and not texts_alike(page.text, before.text)
    ):
        return "title and text have both changed at once, and there is no number"
    return ""


def _is_another(number: str | None, before: str | None) -> bool:
    """Whether a number is another one, and not one that was filled in or is missing."""
    if number is None or before is None:
        return False
    return not (completes(number, before) or completes(before, number))


def _at_known_place(page: Page, here: Known, same_number: Sequence[Known]) -> SameDocument:
    if page.number == here.page.number:
        return SameDocument(here.document)
    others = [known for known in same_number if known.document != here.document]
    twin = next((known.document for known in others if pages_agree(page, known.page)), None)
    collides = tuple(known.document for known in others) if twin is None else ()
    return SameDocument(here.document, twin, collides)


def pages_agree(one: Page, other: Page) -> bool:
    """R3: the titles agree or the texts are alike."""
    return titles_agree(one.title, other.title) or texts_alike(one.text, other.text)


def _one_number(page: Page, known: Known) -> bool:
    return page.number is not None and page.number == known.page.number
