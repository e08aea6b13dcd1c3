"""Two versions of a document, compared in the words of one reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.attachments.comparison import compare_attachments
from archive.bodies import read_body
from archive.comparison import State
from archive.diff import LineChange
from archive.errors import NotFoundError
from archive.places import state_of
from archive.questions.source import Source
from archive.readings import Readers, page_of
from archive.revision import Compare, Revision
from archive.standing import completed_attachments
from archive.versions import Version, versions_of

if TYPE_CHECKING:
    from archive.attachments.texts import AttachmentTexts


def revision(
    source: Source,
    texts: AttachmentTexts,
    document_id: int,
    index: str | int,
    readers: Readers,
    before: int | None,
    after: int | None,
    compare: Compare,
) -> Revision:
    """Two versions compared, by default the last two (R12).

    `index` is what the document was asked for by, for the NotFoundError where it has none such.
    """
    with source.asked():
        versions = {one.number: one for one in versions_of(source.connection, document_id)}
    last = max(versions)
    if after is None:
        after = last if before is None or before < last else before
    if before is None:
        before = after - 1
    if last == 1 and before == 0:
        raise NotFoundError(f"{index} has one version only; there is nothing to compare")
    for number in (before, after):
        if number not in versions:
            raise NotFoundError(f"{index} has no version {number}; it has 1 to {last}")
    old, new = versions[before], versions[after]
    portal = source.rows("SELECT portal FROM documents WHERE id = ?", (document_id,))[0][0]
    states = _in_one_reading(source, old, new, readers, portal)
    comparison = compare(*states)

    def align(old_text: str, new_text: str) -> Sequence[LineChange]:
        # As the texts of pages are: in a process of its own, where that is how.
        sides = (State(new.fields, text, ()) for text in (old_text, new_text))
        return compare(*sides).text

    return Revision(
        index_number=new.fields.index_number,
        title=new.fields.title,
        url=source.address(new.location_id),
        before=before,
        after=after,
        before_at=source.iso(old.at_ms) or "",
        after_at=source.iso(new.at_ms) or "",
        states=states,
        comparison=comparison,
        attachment_texts=compare_attachments(comparison.attachments, texts, align),
    )


def _in_one_reading(
    source: Source, old: Version, new: Version, readers: Readers, portal: str
) -> tuple[State, State]:
    readings = [source.readings.load(one.reading_id) for one in (old, new)]
    if readings[0].reader != readings[1].reader:
        reader = readers.current(portal)
        with source.asked():
            pages = [page_of(source.connection, one.reading_id) for one in (old, new)]
        readings = [
            reader.read(
                read_body(source.connection, page.body_id),
                url=page.url,
                content_type=page.content_type,
            )
            for page in pages
        ]
    return (
        state_of(readings[0], completed_attachments(source.connection, old)),
        state_of(readings[1], completed_attachments(source.connection, new)),
    )
