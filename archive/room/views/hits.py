"""Where the words of a search stand: the piece cut up into what is marked and what is not."""

from __future__ import annotations

from typing import NamedTuple

from archive.search.matching import Hit


class Words(NamedTuple):
    """A piece of a field; `parts` are its characters in order, and whether they are marked."""

    field: str
    parts: tuple[tuple[bool, str], ...]


def words_of(hit: Hit) -> Words:
    """The piece of a hit, with tabs and line ends as spaces."""
    text = hit.context.replace("\t", " ").replace("\n", " ")
    parts: list[tuple[bool, str]] = []
    place = 0
    for start, end in hit.spans:
        if start > place:
            parts.append((False, text[place:start]))
        parts.append((True, text[max(start, place) : end]))
        place = max(place, end)
    if place < len(text):
        parts.append((False, text[place:]))
    return Words(hit.field, tuple(parts))
