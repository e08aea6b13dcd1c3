"""Tables as lines: one row a line, the value of a merged cell in every place that it covers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from crawler.reading.line import Line, joined

# The largest spans that HTML allows (HTML standard, 4.9.11).
_MOST_COLUMNS = 1000
_MOST_ROWS = 65534
# A few kilobytes of spans can repeat each other into gigabytes of text. The merged cells of a sheet
# of ten thousand rows take less than this.
_MOST_COPIED = 1_000_000
_PLACE = 4
_DIGITS = re.compile(r"\s*([0-9]+)")


@dataclass(slots=True)
class Cell:
    """One cell: its content as lines, and how many columns and rows it covers."""

    colspan: int = 1
    rowspan: int = 1
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A table while it is being read: its rows of the cells that begin in them."""

    rows: list[list[Cell]] = field(default_factory=list)


@dataclass(slots=True)
class Copies:
    """How many characters and places of merged cells a page may still repeat."""

    left: int = _MOST_COPIED

    def afford(self, cost: int) -> bool:
        """Take off what a copy costs, if that much is left; with one refused, all are over."""
        self.left = self.left - cost if cost <= self.left else -1
        return self.left >= 0


@dataclass(slots=True)
class _Placed:
    """A cell on the grid: its columns from `left` up to `right`, and the rows still to cover.

    `begins` tells that it begins in this row.
    """

    left: int
    right: int
    rows: int
    cell: Cell
    begins: bool


def span_of(value: str | None, *, of_rows: bool = False) -> int:
    """A `colspan` or `rowspan` as browsers read it; `rowspan="0"` is all the rows that follow."""
    digits = _DIGITS.match(value or "")
    if digits is None:
        return 1
    number = int(digits[1][:6])
    if of_rows:
        return min(number, _MOST_ROWS) or _MOST_ROWS
    return min(number, _MOST_COLUMNS) or 1


def table_lines(table: Table, copies: Copies | None = None) -> list[Line]:
    """The lines of a table.

    A row that shows one cell only is no row of data but paragraphs, and so is one whose other
    cells are empty when that one holds several lines: tables also serve for layout. Columns and
    rows in which no cell begins exist in the markup only and are left out, so that a span that is
    larger than the table does no harm. Where the page has no `copies` left, rows are of the cells
    that begin in them.
    """
    copies = copies or Copies()
    grid = _placed(table, copies)
    columns = sorted({place.left for row in grid for place in row})
    lines: list[Line] = []
    for own, row in zip(table.rows, grid, strict=True):
        if not own:
            continue
        filled = [place.cell for place in row if any(line.text for line in place.cell.lines)]
        if len(row) == 1:
            lines += own[0].lines
        elif not filled or (len(filled) == 1 and len(filled[0].lines) > 1):
            lines += [line for cell in own for line in cell.lines]
        else:
            files = [line for cell in own for line in cell.lines]
            texts = _with_copies(row, columns, copies)
            lines.append(Line.of_row(texts or [joined(cell.lines) for cell in own], files))
    return lines


def _placed(table: Table, copies: Copies) -> list[list[_Placed]]:
    """For each row the cells that cover a part of it, from left to right."""
    grid: list[list[_Placed]] = []
    above: list[_Placed] = []
    for row in table.rows:
        places: list[_Placed] = []
        at = 0
        waiting = iter(above)
        barrier = next(waiting, None)
        for cell in row:
            while barrier is not None and barrier.left <= at:
                at = max(at, barrier.right)
                places.append(barrier)
                barrier = next(waiting, None)
            right = at + cell.colspan
            if barrier is not None:
                right = min(right, barrier.left)
            places.append(_Placed(at, right, cell.rowspan, cell, begins=True))
            at = right
        if barrier is not None:
            places.append(barrier)
        places.extend(waiting)
        grid.append(places)
        above = [
            _Placed(place.left, place.right, place.rows - 1, place.cell, begins=False)
            for place in places
            if place.rows > 1
        ]
        if not copies.afford(_PLACE * len(above)):
            above = []
    return grid


def _with_copies(
    row: Sequence[_Placed], columns: Sequence[int], copies: Copies
) -> list[str] | None:
    """The texts in a row, a merged cell's in each column that it covers; None for too many."""
    texts: list[str] = []
    places = iter(row)
    place = next(places, None)
    last: _Placed | None = None
    text = ""
    for column in columns:
        if copies.left < 0:
            return None
        while place is not None and place.right <= column:
            place = next(places, None)
        if place is None or place.left > column:
            texts.append("")
            copies.afford(1)
            continue
        if place is not last:
            text = joined(place.cell.lines)
        if place is last or not place.begins:
            copies.afford(1 + len(text))
        last = place
        texts.append(text)
    return texts if copies.left >= 0 else None
