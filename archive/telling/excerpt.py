"""What differs between two texts, with a little of what stands around it: pure.

The ledger quotes up to two thousand characters before and after. A message shows the characters
that differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from archive.diff import LineChange, Span, diff_texts

Mark = Literal["equal", "delete", "insert"]

_AROUND = 16
"""Characters kept on either side of a difference."""
_LONGEST_MARK = 120
"""Characters shown of one stretch that was put in or taken out."""
_LINES = 6
_CUT = "…"


class Piece(NamedTuple):
    """A stretch of characters that stayed, went, or came."""

    mark: Mark
    text: str


class Excerpt(NamedTuple):
    """The lines that differ, each in pieces, and how many of them were left out at the end."""

    lines: tuple[tuple[Piece, ...], ...]
    left_out: int


def excerpt(before: str | None, after: str | None, *, lines: int = _LINES) -> Excerpt:
    """The first `lines` lines in which two texts differ, shortened; None is a text without any."""
    changed = [one for one in diff_texts(before or "", after or "") if one.op != "equal"]
    shown = tuple(tuple(_pieces(one)) for one in changed[:lines])
    return Excerpt(shown, max(0, len(changed) - lines))


def _pieces(line: LineChange) -> Iterator[Piece]:
    spans: Sequence[Span] = line.spans or (Span(line.op, line.before or "", line.after or ""),)
    for place, span in enumerate(spans):
        if span.op == "equal":
            text = _middle(span.after, first=place == 0, last=place == len(spans) - 1)
            yield Piece("equal", text)
            continue
        if span.before:
            yield Piece("delete", _shortened(span.before))
        if span.after:
            yield Piece("insert", _shortened(span.after))


def _middle(text: str, *, first: bool, last: bool) -> str:
    """A stretch between two differences, or between one and an end of the line, cut."""
    if len(text) <= 2 * _AROUND + len(_CUT):
        return text
    head = "" if first else text[:_AROUND]
    tail = "" if last else text[-_AROUND:]
    return f"{head}{_CUT}{tail}"


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_MARK:
        return text
    half = _LONGEST_MARK // 2
    return f"{text[:half]}{_CUT}{text[-half:]}"
