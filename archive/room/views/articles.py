"""A comparison by articles as it is laid out: each unit that changed, and folds of those that
did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from archive.diff import Op
from archive.law.articles.units import Kind, Unit
from archive.law.comparison.alignment import ArticleChange, ArticleOp
from archive.law.comparison.clauses import ClauseChange
from archive.room.views.alignment import Cell, Piece, cells_of

_SIDES: tuple[Op, Op] = ("delete", "insert")
_SPLIT_OR_MERGED: tuple[ArticleOp, ...] = ("split", "merged")
_SAME_WORDS: tuple[ArticleOp, ...] = ("equal", "moved", "renumbered")

Lines = tuple[tuple[Cell, ...], ...]
"""The lines of a unit, each with its cells: one, or several in the row of a table."""


class Entry(NamedTuple):
    """A unit with what became of it, and what stands on its two sides.

    A side is empty where the unit is not there, or stands in a row above. `names` are what people
    call it before and after, `headings` what it stands under. `is_same` tells that its words are
    what they were.
    """

    op: ArticleOp
    names: tuple[str | None, str | None]
    headings: tuple[str | None, str | None]
    has_other_number: bool
    references_only: bool
    clauses: tuple[ClauseChange, ...]
    is_heading: bool
    is_same: bool
    before: Lines
    after: Lines


class Passage(NamedTuple):
    """One change with its number from 1, or units that did not change."""

    number: int | None
    entries: tuple[Entry, ...]

    @property
    def is_folded(self) -> bool:
        """Whether it can be left out of sight: nothing changed, and it is no heading alone."""
        return self.number is None and not all(one.is_heading for one in self.entries)


def passages(changes: Sequence[ArticleChange]) -> list[Passage]:
    """A whole comparison, in the order of the new text."""
    found: list[Passage] = []
    numbers = 0
    for is_equal, group in groupby(changes, lambda one: one.op == "equal"):
        if is_equal:
            found.append(Passage(None, tuple(map(_entry, group))))
            continue
        for entries in _together(group):
            numbers += 1
            found.append(Passage(numbers, entries))
    return found


def counts(changes: Iterable[ArticleChange]) -> list[tuple[ArticleOp, int]]:
    """How many units became what, in the order in which it first happened; without the equal."""
    found = Counter(one.op for one in changes if one.is_first and one.op != "equal")
    return list(found.items())


def _together(changes: Iterable[ArticleChange]) -> Iterator[tuple[Entry, ...]]:
    """What belongs together: the parts of what was split, what was merged into one."""
    rows: list[ArticleChange] = []
    for one in changes:
        if one.is_first and rows:
            yield tuple(map(_entry, rows))
            rows = []
        rows.append(one)
    if rows:
        yield tuple(map(_entry, rows))


def _entry(change: ArticleChange) -> Entry:
    units = [unit for unit in (change.old, change.new) if unit is not None]
    before, after = (_side(change, side) for side in (0, 1))
    return Entry(
        op=change.op,
        names=change.names,
        headings=change.headings,
        has_other_number=change.has_other_number,
        references_only=change.references_only,
        clauses=change.clauses,
        is_heading=units[-1].kind is Kind.HEADING,
        is_same=change.op in _SAME_WORDS and not change.spans,
        before=before,
        after=after,
    )


def _side(change: ArticleChange, side: int) -> Lines:
    """The lines of a unit on one side, with its number where it stands for the first time."""
    unit, other = (change.old, change.new)[:: -1 if side else 1]
    if unit is None:
        return ()
    differs = _SIDES[side]
    pieces = [
        Piece("equal" if span.op == "equal" else differs, text)
        for span in change.spans
        if (text := (span.before, span.after)[side])
    ]
    if not change.spans and change.op not in _SPLIT_OR_MERGED:
        pieces = [Piece("equal" if other is not None else differs, unit.text)]
    if change.op in _SPLIT_OR_MERGED and not change.is_first and _is_whole(change, side):
        # The rest of a unit whose number stands in a row above.
        return _lines(pieces)
    return _lines([*_number(unit, change, differs, is_alone=other is None), *pieces])


def _is_whole(change: ArticleChange, side: int) -> bool:
    """Whether this side is the unit that was split, or what others were merged into."""
    return (change.op == "split") == (side == 0)


def _number(unit: Unit, change: ArticleChange, differs: Op, *, is_alone: bool) -> Iterator[Piece]:
    if unit.number is not None:
        is_new = is_alone or change.has_other_number
        yield Piece(differs if is_new else "equal", unit.number)
        if unit.kind is not Kind.ITEM:
            yield Piece("equal", "　")


def _lines(pieces: Iterable[Piece]) -> Lines:
    """Pieces as lines, and lines as cells."""
    lines: list[list[Piece]] = [[]]
    for op, text in pieces:
        first, *others = text.split("\n")
        if first:
            lines[-1].append(Piece(op, first))
        lines.extend([Piece(op, other)] if other else [] for other in others)
    return tuple(cells_of(line) for line in lines if line)
