"""What will run out, in the lines of a message: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archive.telling.change import link, title_of
from archive.telling.pages import RoomPages
from archive.telling.prose import Line, Piece, printable
from archive.telling.wording import WORDINGS, Language
from scheduler.telling.endings import Ending
from scheduler.telling.wording import MESSAGE_WORDINGS

_NAMED = 20


def ending_lines(
    found: Sequence[Ending], language: Language, portals: Mapping[str, str], room: RoomPages | None
) -> Iterator[Line]:
    """The soonest ends, each with its day, its reason, who says so in which words, and links.

    `portals` are the portals' names by their keys.
    """
    wording, words = WORDINGS[language], MESSAGE_WORDINGS[language]
    for row, document in found[:_NAMED]:
        yield Line.of(title_of(row), role="heading")
        said = words.last_day.format(day=row["last_day"], reason=words.endings[row["reason"]])
        yield Line.of(Piece(said, "strong"))
        known = (
            (wording.index_number, row["index_number"]),
            (wording.fields["document_number"], row["document_number"]),
            (wording.agency, row["issuing_agency"]),
            (wording.portal, portals.get(document.portal, document.portal)),
        )
        yield Line.of(
            wording.separator.join(
                f"{name}{wording.colon}{printable(value)}" for name, value in known if value
            )
        )
        claim = row["claim"]
        if claim:
            is_own = claim["source"] in (row["index_number"], row["url"])
            by = "" if is_own else f"{printable(claim['source'])}{wording.colon}"
            yield Line.of(f"{by}“{printable(claim['quote'])}”")
        if room is not None:
            yield link(wording.in_room, room.document(document.id), wording)
        yield link(wording.portal_page, row["url"], wording)


def rest_of_endings(
    found: Sequence[Ending], language: Language, room: RoomPages | None
) -> Iterator[Line]:
    """How many there are, and where all can be seen."""
    words = MESSAGE_WORDINGS[language]
    if found:
        yield Line.of(words.endings_rest.format(count=len(found)))
    if found and room is not None:
        yield link(words.endings_in_room, room.calendar(), WORDINGS[language])
