"""What a reader should find in the replica: its documents, and the changes of each epoch.

This is a judgement made from the documents as data, independent of any reader of pages, so that
readers can be held against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from archive.fields import Fields, Validity
from archive.numbers import normalise_index_number
from crawler.replica.documents import Document, Location, Table
from crawler.replica.edits import State, Told

Address = Callable[[Location], str]
"""Gives the full address of a location's page."""

_DATE = re.compile(r"(\d{4})[-年](\d{2})[-月](\d{2})日?")
_VALIDITY = {
    "": Validity.UNKNOWN,
    "有效": Validity.VALID,
    "现行有效": Validity.VALID,
    "部分有效": Validity.PARTLY_VALID,
    "已修改": Validity.AMENDED,
    "已修订": Validity.AMENDED,
    "失效": Validity.INVALID,
    "已失效": Validity.INVALID,
    "无效": Validity.INVALID,
    "废止": Validity.REPEALED,
}


def fields_of(document: Document) -> Fields:
    """The fields that a document's pages state. One with a by-line states its title alone."""
    if document.by_line is not None:
        return Fields(title=document.title)
    summary = document.title if document.summary is None else document.summary
    number = document.document_number
    return Fields(
        title=document.title,
        index_number=normalise_index_number(document.index_number),
        document_number=None if number in {"", "无"} else number,
        issuing_agency=document.issuing_agency or None,
        category=document.category or None,
        summary=summary or None,
        written_on=_date(document.written),
        published_at=_moment(document.published),
        repealed_on=_date(document.repealed),
        validity_label=document.validity or None,
        validity=_VALIDITY[document.validity],
    )


def text_of(document: Document) -> str:
    """The canonical text: paragraphs and table rows, one a line, a row's cells parted by tabs."""
    lines: list[str] = []
    for block in document.body:
        match block:
            case str(paragraph):
                lines.append(paragraph)
            case Table():
                lines += _rows(block)
            case attachment:
                lines.append(attachment.name)
    return "\n".join(lines)


def documents_in(state: State, address: Address) -> list[dict[str, Any]]:
    """The documents of a state: fields, text, the names of attachments, and all addresses."""
    return [
        {
            **{name: getattr(fields, name) for name in Fields.__dataclass_fields__},
            "validity": str(fields.validity),
            "text": text_of(document),
            "attachments": [attachment.name for attachment in document.attachments],
            "urls": [address(location) for location in document.locations],
        }
        for document in state.documents.values()
        for fields in (fields_of(document),)
    ]


def as_changes(told: Iterator[Told], address: Address, path: Address) -> list[dict[str, Any]]:
    """What is to be reported, in the words of the ledger. `path` is an address without its host."""

    def value(of: str | Location | None) -> str | None:
        return address(of) if isinstance(of, Location) else of

    return [
        {
            "index_number": fields_of(each.document).index_number,
            "title": each.document.title,
            "url_path": path(each.location),
            "kind": each.kind,
            "field": each.field,
            "before": value(each.before),
            "after": value(each.after),
        }
        for each in told
    ]


def _date(written: str) -> str | None:
    match = _DATE.match(written)
    return "-".join(match.groups()) if match else None


def _moment(written: str) -> str | None:
    day, time = _date(written), written.partition(" ")[2] or "00:00:00"
    return f"{day}T{time}+08:00" if day else None


def _rows(table: Table) -> Iterator[str]:
    """The rows of the grid: a merged cell's text stands in every place that it covers.

    A row of a single cell, however wide, is a paragraph.
    """
    covered: dict[tuple[int, int], str] = {}
    for y, row in enumerate(table.rows):
        x = 0
        for cell in row:
            while (y, x) in covered:
                x += 1
            for below in range(cell.rows):
                for right in range(cell.columns):
                    covered[y + below, x + right] = cell.text
        width = sum(1 for place in covered if place[0] == y)
        alone = len(row) == 1 and row[0].columns == width
        yield row[0].text if alone else "\t".join(covered[y, place] for place in range(width))
