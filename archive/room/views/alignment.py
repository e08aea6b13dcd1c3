"""A comparison as it is laid out: lines in two columns, differences numbered, the rest folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from archive.diff import LineChange, Op, Span, diff_characters

# So many unchanged lines stay in sight around a difference; a fold of fewer hides nothing.
_CONTEXT = 2
_WORTH_FOLDING = 3
_SIDES: tuple[Op, Op] = ("delete", "insert")


class Piece(NamedTuple):
    """Characters of a line: `equal`, or on the old side `delete`, on the new one `insert`."""

    op: Op
    text: str


Cell = tuple[Piece, ...]
"""The pieces of a paragraph, or of one cell of a table's row."""


class Line(NamedTuple):
    """A line with what stands on its two sides; a side is empty where the line is not there.

    `merged` is both in one, for reading in one column; empty where that cannot be. A row of a table
    has several cells, and each is compared with its own.
    """

    op: Op
    before: tuple[Cell, ...]
    after: tuple[Cell, ...]
    merged: tuple[Cell, ...]

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return max(len(self.before), len(self.after)) > 1


class Stretch(NamedTuple):
    """Lines that follow one another: a difference with its number from 1, or unchanged ones."""

    number: int | None
    is_folded: bool
    lines: tuple[Line, ...]


def stretches(lines: Sequence[LineChange]) -> list[Stretch]:
    """A whole comparison, in order; unchanged lines far from any difference are folded."""
    found: list[Stretch] = []
    groups = [(same, list(group)) for same, group in groupby(lines, lambda one: one.op == "equal")]
    numbers = 0
    for place, (same, group) in enumerate(groups):
        laid_out = tuple(map(_line, group))
        if not same:
            numbers += 1
            found.append(Stretch(numbers, False, laid_out))
        else:
            found.extend(_folded(laid_out, is_first=place == 0, is_last=place == len(groups) - 1))
    return found


def _folded(lines: tuple[Line, ...], *, is_first: bool, is_last: bool) -> Iterator[Stretch]:
    start = 0 if is_first else _CONTEXT
    end = len(lines) if is_last else len(lines) - _CONTEXT
    if end - start < _WORTH_FOLDING:
        yield Stretch(None, False, lines)
        return
    for part, is_folded in ((lines[:start], False), (lines[start:end], True), (lines[end:], False)):
        if part:
            yield Stretch(None, is_folded, part)


def _line(change: LineChange) -> Line:
    if change.op == "equal":
        cells = cells_of([Piece("equal", change.after or "")])
        return Line("equal", cells, cells, cells)
    if change.op == "delete":
        cells = cells_of([Piece("delete", change.before or "")])
        return Line("delete", cells, (), cells)
    if change.op == "insert":
        cells = cells_of([Piece("insert", change.after or "")])
        return Line("insert", (), cells, cells)
    old, new = (change.before or "").split("\t"), (change.after or "").split("\t")
    if len(old) != len(new):
        # Cells came or went: one row after the other says it better than one in all.
        whole, fresh = (cells_of(_side(change.spans, op)) for op in _SIDES)
        return Line("replace", whole, fresh, ())
    pairs = [
        diff_characters(one, other) if one != other else (Span("equal", one, other),)
        for one, other in zip(old, new, strict=True)
    ]
    before, after = (tuple(tuple(_side(spans, op)) for spans in pairs) for op in _SIDES)
    return Line("replace", before, after, tuple(tuple(both_in_one(spans)) for spans in pairs))


def _side(spans: Iterable[Span], op: Op) -> list[Piece]:
    """What of a line's spans stands on the side where things go, or on that where they come."""
    return [
        Piece("equal" if span.op == "equal" else op, text)
        for span in spans
        if (text := span.before if op == "delete" else span.after)
    ]


def both_in_one(spans: Iterable[Span]) -> Iterator[Piece]:
    """A revised line with what went and what came where it stood."""
    for span in spans:
        if span.op == "equal":
            yield Piece("equal", span.after)
        elif span.before:
            yield Piece("delete", span.before)
        if span.op != "equal" and span.after:
            yield Piece("insert", span.after)


def cells_of(pieces: Iterable[Piece]) -> tuple[Cell, ...]:
    """The cells of a line, which tabs part."""
    cells: list[list[Piece]] = [[]]
    for op, text in pieces:
        first, *others = text.split("\t")
        cells[-1].extend([Piece(op, first)] if first else [])
        cells.extend([Piece(op, other)] if other else [] for other in others)
    return tuple(map(tuple, cells))
