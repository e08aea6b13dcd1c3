"""Whether words stand in a version's fields, and where."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from archive.search.folding import composed, fold, joins, offsets
from archive.search.query import Query

Field = tuple[str, str]
"""A field's name and one value of it."""

# So many characters are shown before and after the words, and so many pieces of one document.
_AROUND = 30
_MOST_HITS = 5


class Hit(NamedTuple):
    """A piece of a field in which words stand; `spans` are their places in `context`."""

    field: str
    context: str
    spans: tuple[tuple[int, int], ...]

    def as_json(self) -> dict[str, str]:
        """The hit as `search --json` gives it."""
        return {"field": self.field, "context": self.context}


class Match(NamedTuple):
    """What of a query stands in a version: its best pieces, and how good the best place is.

    `rank` is 0 if all words stand in the title, 1 if in the title and the numbers, else 2.
    """

    rank: int
    hits: tuple[Hit, ...]


RANKS: tuple[frozenset[str], ...] = (
    frozenset({"title"}),
    frozenset({"title", "document_number", "index_number"}),
)
"""In which fields all words must stand for the ranks before the last."""
LAST_RANK = len(RANKS)


class Matcher:
    """A query, made ready to be held against many versions."""

    def __init__(self, query: Query) -> None:
        self._words = [_Word(word) for word in query.words]
        self._without = [_Word(word) for word in query.without]

    def match(self, fields: Sequence[Field]) -> Match | None:
        """What stands where, or None unless every word does and none of the others."""
        folded = [fold(value) for _, value in fields]
        if any(word.find(value) for word in self._without for value in folded):
            return None
        places: list[list[tuple[int, int]]] = [[] for _ in fields]
        rank = 0
        for word in self._words:
            names = set()
            for place, value in enumerate(folded):
                span = word.find(value)
                if span is not None:
                    places[place].append(span)
                    names.add(fields[place][0])
            if not names:
                return None
            while rank < LAST_RANK and not names & RANKS[rank]:
                rank += 1
        hits = (
            hit
            for (name, value), spans in zip(fields, places, strict=True)
            if spans
            for hit in _hits(name, value, spans)
        )
        return Match(rank, tuple(_first(hits, _MOST_HITS)))


class _Word:
    """A word or a phrase, to be looked for in folded text."""

    def __init__(self, found: Sequence[str]) -> None:
        pieces = [re.escape(found[0])]
        for before, after in pairwise(found):
            # What would be one word, or one number, is not the two that are looked for.
            pieces.append(" +" if joins(before[-1], after[0]) else " *")
            pieces.append(re.escape(after))
        self._pattern = re.compile("".join(pieces))

    def find(self, folded: str) -> tuple[int, int] | None:
        """Where it stands first; as part of a longer word or number it does not."""
        place = self._pattern.search(folded)
        while place is not None:
            start, end = place.span()
            if not (start and joins(folded[start - 1], folded[start])) and not (
                end < len(folded) and joins(folded[end - 1], folded[end])
            ):
                return start, end
            place = self._pattern.search(folded, start + 1)
        return None


def _hits(name: str, value: str, folded_spans: list[tuple[int, int]]) -> Iterator[Hit]:
    """The pieces of one value around these places; places near one another share a piece."""
    text = composed(value)
    starts = offsets(value)
    spans = sorted(
        (bisect_right(starts, start) - 1, bisect_right(starts, end - 1))
        for start, end in folded_spans
    )
    groups: list[list[tuple[int, int]]] = []
    for span in spans:
        if groups and span[0] <= groups[-1][-1][1] + _AROUND:
            groups[-1].append(span)
        else:
            groups.append([span])
    for group in groups:
        begin = max(0, group[0][0] - _AROUND)
        end = min(len(text), max(last for _, last in group) + _AROUND)
        head = "…" if begin else ""
        # A line end or a tab is one character, so that the places stay what they are.
        piece = re.sub(r"\s", " ", text[begin:end])
        yield Hit(
            name,
            f"{head}{piece}{'…' if end < len(text) else ''}",
            tuple((one - begin + len(head), last - begin + len(head)) for one, last in group),
        )


def _first(hits: Iterator[Hit], count: int) -> Iterator[Hit]:
    for _, hit in zip(range(count), hits, strict=False):
        yield hit
