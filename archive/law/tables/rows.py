"""The rows of a 修订对照表: which units are shown, and what stands in the cells of each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from archive.diff import Span
from archive.law.articles.units import Kind, Unit
from archive.law.comparison.alignment import ArticleChange
from archive.terminal import visible

Mark = Literal["same", "deleted", "inserted"]
Wholes = dict[int, tuple[Span, ...]]

DELETED, INSERTED = "（删除）", "（新增）"
"""What stands in place of a text that there is none of any more, or was none of."""
_BETWEEN_CELLS = " ｜ "
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
MARKS: tuple[Mark, Mark] = ("deleted", "inserted")
"""How what differs is marked, on the old side and on the new one."""
_CLAUSES = {"replace": "修改{}", "insert": "新增{}", "delete": "删去原{}"}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in a cell. `is_number` tells that it is a unit's number."""

    text: str
    mark: Mark = "same"
    is_number: bool = False


Paragraph = tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row: the old text, the new one, and what became of it.

    A cell that goes on from the row above is None, and `before_rows` and `after_rows` are how many
    rows one that does not is high.
    """

    before: tuple[Paragraph, ...] | None
    after: tuple[Paragraph, ...] | None
    remark: str
    is_heading: bool = False
    before_rows: int = 1
    after_rows: int = 1


# --- which rows ---------------------------------------------------------------------------------


def rows_of(changes: Sequence[ArticleChange], *, whole: bool) -> Iterator[TableRow]:
    """The rows of a comparison; with `whole`, what did not change is in them as well."""
    wholes = _spans_of_wholes(changes)
    if whole:
        yield from (_row(change, wholes) for change in changes)
        return
    above: list[ArticleChange] = []
    for kind, group in groupby(changes, _sort):
        rows = list(group)
        if kind == "equal":
            above = _headings_above([*above, *rows])
            continue
        yield from (_row(heading, wholes) for heading in above)
        above = []
        if kind == "renumbered":
            yield _renumbered(rows)
        else:
            yield from (_row(change, wholes) for change in rows)


def with_heights(rows: Sequence[TableRow]) -> list[TableRow]:
    """The rows, knowing how many rows below go on with their cells."""
    told: list[TableRow] = []
    heights = [0, 0]
    for row in reversed(rows):
        before, after = (height + 1 for height in heights)
        told.append(replace(row, before_rows=before, after_rows=after))
        heights = [before if row.before is None else 0, after if row.after is None else 0]
    return told[::-1]


def _sort(change: ArticleChange) -> str:
    if change.op != "renumbered" or _is_heading(change):
        return "equal" if change.op == "equal" else "changed"
    return "renumbered"


def _is_heading(change: ArticleChange) -> bool:
    unit = change.new or change.old
    return unit is not None and unit.kind is Kind.HEADING


def _headings_above(changes: Sequence[ArticleChange]) -> list[ArticleChange]:
    """The unchanged headings that what follows stands under, so that it can be found."""
    above: list[ArticleChange] = []
    for change in changes:
        unit = change.new
        if unit is None or unit.kind is not Kind.HEADING or unit.number is None:
            continue
        while above and (last := above[-1].new) is not None and last.level >= unit.level:
            above.pop()
        above.append(change)
    return above


def _renumbered(rows: Sequence[ArticleChange]) -> TableRow:
    """Units that only have another number, however many follow each other, in one row."""
    sides = [[row.names[side] or "–" for row in (rows[0], rows[-1])] for side in (0, 1)]
    texts = [first if len(rows) == 1 else f"{first}至{last}" for first, last in sides]
    before, after = (((Run(text, is_number=True), Run("　……")),) for text in texts)
    remark = "条序调整，内容未变" if len(rows) == 1 else f"共{len(rows)}条，条序依次调整，内容未变"
    return TableRow(before=before, after=after, remark=remark)


def _row(change: ArticleChange, wholes: Wholes) -> TableRow:
    return TableRow(
        before=_side(change, 0, wholes),
        after=_side(change, 1, wholes),
        remark=_remark(change),
        is_heading=_is_heading(change),
    )


def _side(change: ArticleChange, side: int, wholes: Wholes) -> tuple[Paragraph, ...] | None:
    """The old (0) or the new (1) text of a row; None where it is in a row above."""
    unit, other = (change.old, change.new)[:: -1 if side else 1]
    if unit is None:
        return ((Run((INSERTED, DELETED)[side]),),)
    text = (change.before, change.after)[side]
    if text is None:
        return None
    differs = MARKS[side]
    spans = wholes.get(id(unit), change.spans)
    stretches: list[tuple[str, Mark]]
    if spans:
        stretches = [
            ((span.before, span.after)[side], "same" if span.op == "equal" else differs)
            for span in spans
        ]
    else:
        stretches = [(text, differs if other is None else "same")]
    is_new_number = other is None or change.has_other_number
    return _cell(unit, differs if is_new_number else "same", stretches)


def _spans_of_wholes(changes: Sequence[ArticleChange]) -> Wholes:
    """The stretches of each unit that was split or merged, over all of its rows."""
    wholes: Wholes = {}
    for change in changes:
        if change.op in ("split", "merged"):
            unit = change.old if change.op == "split" else change.new
            wholes[id(unit)] = (*wholes.get(id(unit), ()), *change.spans)
    return wholes


# --- what stands in them ------------------------------------------------------------------------


def _cell(unit: Unit, mark: Mark, stretches: Iterable[tuple[str, Mark]]) -> tuple[Paragraph, ...]:
    paragraphs: list[list[Run]] = [[]]
    if unit.number is not None:
        paragraphs[0].append(Run(writable(unit.number), mark, is_number=True))
        if unit.kind is not Kind.ITEM:
            paragraphs[0].append(Run("　"))
    for text, how in stretches:
        for place, line in enumerate(text.split("\n")):
            if place:
                paragraphs.append([])
            if line:
                paragraphs[-1].append(Run(writable(line), how))
    return tuple(tuple(runs) for runs in paragraphs if runs)


def writable(text: str) -> str:
    """Text as XML can hold it: what a terminal would obey cannot stand in a document either."""
    return _NOT_IN_XML.sub("\ufffd", visible(text)).replace("\t", _BETWEEN_CELLS)


def _remark(change: ArticleChange) -> str:
    was, now = change.names
    match change.op:
        case "equal":
            return ""
        case "inserted":
            return "新增"
        case "repealed":
            return "删除"
        case "renumbered":
            return "序号调整，内容未变"
        case "moved":
            before, after = (heading or "文首" for heading in change.headings)
            return f"由“{before}”移至“{after}”，内容未变"
        case "split":
            return f"由原{was}拆分"
        case "merged":
            return f"原{was}并入{now}"
    remark = "仅相应调整所引条序" if change.references_only else "修改"
    clauses = [_CLAUSES[one.op].format(one.name) for one in change.clauses]
    if clauses and not change.references_only:
        remark = "，".join(clauses)
    return f"原{was}，{remark}" if change.has_other_number else remark
