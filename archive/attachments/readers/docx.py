"""Word documents since 2007, and those of WPS: what stands, with tracked changes accepted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn

from archive.attachments.readers.docx_numbers import Numbering
from archive.attachments.readers.found import Found, Lines, opened_zip

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_TEXT, _TAB, _BREAK, _RETURN = qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr")
_HYPHEN = qn("w:noBreakHyphen")
_BOX = qn("w:txbxContent")
# Deleted, or moved away; what an older program is shown instead of a drawing; and how a paragraph
# looks, whose tabs are stops.
_LEFT_OUT = frozenset(
    {
        qn("w:del"),
        qn("w:moveFrom"),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
        qn("w:pPr"),
        qn("w:rPr"),
        qn("w:instrText"),
    }
)
_NOTES = ("/footnotes", "/endnotes")
_MARK_DELETED = f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}"
_ROW_DELETED = f"{qn('w:trPr')}/{qn('w:del')}"
_DEEPEST = 20


def read(body: bytes) -> Found:
    """Its paragraphs and tables in order, then its notes; headers and footers are left out."""
    opened_zip(body).close()
    document = docx.Document(io.BytesIO(body))
    numbering = Numbering(document.part)
    lines = Lines()
    _blocks(document.element.body, lines, numbering)
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(_NOTES):
            from lxml import etree

            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            for note in etree.fromstring(relation.target_part.blob, parser):
                if note.get(qn("w:type")) in (None, "normal"):
                    _blocks(note, lines, numbering)
    return lines.found()


def _blocks(parent: Any, lines: Lines, numbering: Numbering, depth: int = 0) -> None:  # noqa: ANN401
    """Paragraphs and tables below an element, wherever content controls have put them."""
    if depth > _DEEPEST:
        return
    held = ""
    for element in parent:
        if element.tag == _PARAGRAPH:
            boxes: list[Any] = []
            text = "".join(_pieces(element, boxes))
            held += numbering.number_of(element) + text if not held else text
            if element.find(_MARK_DELETED) is None:
                for line in held.split("\n"):
                    lines.add(line)
                held = ""
            for box in boxes:
                _blocks(box, lines, numbering, depth + 1)
        elif element.tag == _TABLE:
            _table(element, lines, numbering, depth)
        elif element.tag not in _LEFT_OUT and isinstance(element.tag, str):
            _blocks(element, lines, numbering, depth + 1)
    for line in held.split("\n"):
        lines.add(line)


def _table(table: Any, lines: Lines, numbering: Numbering, depth: int) -> None:  # noqa: ANN401
    for row in table.iter(_ROW):
        if row.find(_ROW_DELETED) is not None or _owner(row) is not table:
            continue
        cells: list[str] = []
        for cell in _cells(row):
            within = Lines()
            _blocks(cell, within, numbering, depth + 1)
            cells.append(within.found().text.replace("\n", " ").replace("\t", " "))
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            if span is not None:
                cells += [""] * (min(int(span.get(qn("w:val"), "1")), 64) - 1)
        lines.add_row(cells)


def _owner(row: Any) -> Any:  # noqa: ANN401
    parent = row.getparent()
    while parent is not None and parent.tag != _TABLE:
        parent = parent.getparent()
    return parent


def _cells(row: Any) -> Iterator[Any]:  # noqa: ANN401
    for element in row:
        if element.tag == _CELL:
            yield element
        elif isinstance(element.tag, str) and element.tag not in _LEFT_OUT:
            yield from _cells(element)


def _pieces(parent: Any, boxes: list[Any]) -> Iterator[str]:  # noqa: ANN401
    """The text of a paragraph, piece by piece; text boxes in it are set aside."""
    for element in parent:
        tag = element.tag
        if tag == _TEXT:
            yield element.text or ""
        elif tag == _TAB:
            yield " "
        elif tag in (_BREAK, _RETURN):
            yield "\n"
        elif tag == _HYPHEN:
            yield "-"
        elif tag == _BOX:
            boxes.append(element)
        elif tag not in _LEFT_OUT and isinstance(tag, str):
            yield from _pieces(element, boxes)
