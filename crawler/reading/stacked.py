"""Metadata whose labels stand in one row of a table and their values in the row below.

Tables of data look the same: a row of headings over rows of values. So the rows must come in twos,
labels and values, and one of the labels must be that of an index number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from crawler.reading.labels import Hit, holder_of
from crawler.reading.outline import Outline
from crawler.reading.vocabulary import Vocabulary
from crawler.reading.whitespace import squeeze

_CELLS = ("td", "th")
_ENOUGH_LABELS = 2
# With the spaces that a label is padded with.
_LONGEST_LABEL = 100
_COLONS = ":："


def values_below(
    outline: Outline, hits: Sequence[Hit], vocabulary: Vocabulary
) -> dict[int, etree._Element]:
    """The cells with the values of such labels, by where each label begins."""
    labels: dict[etree._Element, Hit] = {}
    tables: dict[etree._Element, bool] = {}
    for hit in hits:
        cell = _cell_of(outline, hit)
        table = None if cell is None else next(cell.iterancestors("table"), None)
        if cell is not None and table is not None:
            labels[cell] = hit
            is_number = vocabulary.field_of.get(hit.word) == "index_number"
            tables[table] = tables.get(table, False) or is_number
    found: dict[int, etree._Element] = {}
    for table, has_number in tables.items():
        if has_number:
            found.update(_stacked(outline, _rows_of(table), labels))
    return found


def _stacked(
    outline: Outline, rows: list[list[etree._Element]], labels: Mapping[etree._Element, Hit]
) -> dict[int, etree._Element]:
    found: dict[int, etree._Element] = {}
    heads = [len(row) >= _ENOUGH_LABELS and all(cell in labels for cell in row) for row in rows]
    for number, row in enumerate(rows[:-1]):
        below = rows[number + 1]
        if not heads[number] or len(below) != len(row) or any(cell in labels for cell in below):
            continue
        if number + 2 < len(rows) and not heads[number + 2]:
            continue
        if any(outline.visible(cell) for cell in below):
            found |= {labels[cell].begin: value for cell, value in zip(row, below, strict=True)}
    return found


def _rows_of(table: etree._Element) -> list[list[etree._Element]]:
    """The cells of each row of a table, those of tables inside it left out."""
    parts = [part for part in table if part.tag in ("thead", "tbody", "tfoot")]
    rows = [row for part in (table, *parts) for row in part if row.tag == "tr"]
    return [[cell for cell in row if cell.tag in _CELLS] for row in rows]


def _cell_of(outline: Outline, hit: Hit) -> etree._Element | None:
    """The cell of a table that says nothing but this label."""
    owner = holder_of(outline, hit)
    cell = next((one for one in (owner, *owner.iterancestors()) if one.tag in _CELLS), None)
    if cell is None or outline.visible(cell) > _LONGEST_LABEL:
        return None
    if squeeze(outline.text_of(cell)).strip(_COLONS) != hit.word:
        return None
    return cell
