"""How the pages word a document's metadata: labels, padding, order and empty cells."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crawler.replica.documents import Column, Document

_NO_BREAK = "\u00a0"
_WIDE = ("title", "summary")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value as shown; `omitted` values have no cell at all when empty."""

    label: str
    value: str
    span: int = 1
    omitted: bool = False


def table_rows(document: Document, column: Column) -> list[list[Pair]]:
    """The rows of the metadata table, two or four pairs each; [] for a document with a by-line."""
    if not column.metadata:
        return []
    pairs = int(column.metadata["pairs"])
    colon = column.metadata["colon"]
    padding = " " if colon else _NO_BREAK
    labels = {
        "title": f"标{padding}题",
        "index_number": f"索{padding}引{padding}号",
        "document_number": "发文字号",
        "issuing_agency": "发文机构",
        "category": column.metadata["category"],
        "summary": f"概{padding}述",
        "written": "成文日期",
        "published": "公开日期",
        "repealed": "废止日期",
        "validity": column.metadata["validity"],
    }
    rows: list[list[Pair]] = []
    row: list[Pair] = []
    for name, value in _values(document).items():
        pair = Pair(labels[name] + colon, value, omitted=pairs == 4)
        if name in _WIDE:
            rows.append([replace(pair, span=2 * pairs - 1, omitted=False)])
            continue
        row.append(pair)
        if len(row) == pairs:
            rows.append(row)
            row = []
    return rows


def renewed_pairs(document: Document, column: Column) -> list[Pair]:
    """The same metadata after the redesign: other words, another order, barer dates."""
    if not column.metadata:
        return []
    values = _values(document)
    labels = {
        "index_number": "索引号",
        "category": column.metadata["category"],
        "issuing_agency": "发布机构",
        "written": "成文日期",
        "title": "名称",
        "document_number": "文号",
        "published": "发布日期",
        "validity": "时效性",
        "repealed": "废止日期",
        "summary": "内容概述",
    }
    return [
        Pair(label, "" if values[name] == "无" else values[name].removesuffix(" 00:00:00"))
        for name, label in labels.items()
    ]


def _values(document: Document) -> dict[str, str]:
    return {
        "title": document.title,
        "index_number": document.index_number,
        "document_number": document.document_number,
        "issuing_agency": document.issuing_agency,
        "category": document.category,
        "summary": document.title if document.summary is None else document.summary,
        "written": document.written,
        "published": document.published,
        "repealed": document.repealed,
        "validity": document.validity,
    }
