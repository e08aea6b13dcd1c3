"""A text as sentences, each with its place and with what it mentions or quotes covered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archive.law.words.mentions import COVER, Line, Mention, read_line
from archive.law.words.titles import title_key

QUOTED = "\ue002"
"""What stands for each character between “ and ”: words that are somebody else's."""

_STOPS = re.compile(r"[。！？!?\t]+[”’」）]*")
# A sentence that is all that a line says, such as 有效期五年。
_ALONE = 40
# An amendment quotes whole articles over many lines; a quotation mark that somebody forgot to
# close must not silence a text.
_LONGEST_QUOTATION_LINES = 60


class Sentence(NamedTuple):
    """A sentence at its place in a text: `text` is `line[start:end]` of the line `paragraph`.

    `covered` is as long as `text`. `is_alone` tells that the line says little else.
    """

    paragraph: int
    start: int
    end: int
    text: str
    covered: str
    mentions: tuple[Mention, ...]
    is_alone: bool

    def mention_at(self, place: int) -> Mention:
        """The mention that is covered at `place` in the sentence."""
        where = place + self.start
        return next(one for one in self.mentions if one.start <= where < one.end)

    def is_own_title(self, place: int, own: frozenset[str]) -> bool:
        """Whether the mention at `place` has one of these title keys."""
        title = self.mention_at(place).title
        return title is not None and title_key(title) in own

    def names_itself(self, covered: str, own: frozenset[str]) -> bool:
        """Whether the beginning `covered` of the sentence mentions one of these titles."""
        return any(
            self.is_own_title(place, own) for place, sign in enumerate(covered) if sign == COVER
        )


def sentences(text: str, *, quotes_run_on: bool) -> Iterator[Sentence]:
    """The sentences of a canonical text. The cells of a table's row are sentences of their own.

    With `quotes_run_on`, a quotation goes on over lines until it is closed, as in amendments.
    """
    open_lines = 0
    for paragraph, content in enumerate(text.split("\n")):
        line = read_line(content)
        covered, is_open = _without_quotations(line, is_open=open_lines > 0)
        open_lines = open_lines + 1 if quotes_run_on and is_open else 0
        if open_lines > _LONGEST_QUOTATION_LINES:
            open_lines = 0
        for start, end in _spans(covered):
            yield Sentence(
                paragraph=paragraph,
                start=start,
                end=end,
                text=content[start:end],
                covered=covered[start:end],
                mentions=tuple(one for one in line.mentions if start <= one.start < end),
                is_alone=len(content) <= _ALONE,
            )


def _spans(covered: str) -> Iterator[tuple[int, int]]:
    at = 0
    for stop in [*_STOPS.finditer(covered), None]:
        end = len(covered) if stop is None else stop.end()
        piece = covered[at:end]
        start = at + len(piece) - len(piece.lstrip())
        last = at + len(piece.rstrip())
        if start < last:
            yield start, last
        at = end


def _without_quotations(line: Line, *, is_open: bool) -> tuple[str, bool]:
    """A covered line with its quotations covered as well, and whether one is left open."""
    if not is_open and "“" not in line.covered:
        return line.covered, False
    signs = []
    for sign in line.covered:
        if sign == "“":
            is_open = True
        signs.append(QUOTED if is_open and sign not in "“”" else sign)
        if sign == "”":
            is_open = False
    return "".join(signs), is_open
