"""Plain texts, tables of values apart by commas among them, and the bytes of any text."""

from __future__ import annotations

import codecs
import csv
import io
import re

from archive.attachments.readers.found import Found, Lines

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# So many lines of a table tell that it is one.
_FEWEST_ROWS = 2
_SEPARATORS = ",\t;"


def text_of(body: bytes) -> str | None:
    """The text that the bytes are in UTF-8, UTF-16 with its mark, or GB 18030; None for none."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _decoded(body, name)
    if body.count(0):
        return None
    return _decoded(body, "utf-8") or _decoded(body, "gb18030")


def is_html(text: str) -> bool:
    """Whether a text is a web page."""
    return bool(_HTML.match(text[:4096]))


def read(body: bytes) -> Found:
    """Line by line, or row by row."""
    text = text_of(body) or ""
    lines = Lines()
    rows = _rows(text)
    for row in rows or ():
        lines.add_row(row)
    if rows is None:
        for line in text.splitlines():
            lines.add_row(line.split("\t"))
    return lines.found()


def _rows(text: str) -> list[list[str]] | None:
    """The rows of a table whose cells are apart by one sign, each with as many; else None."""
    head = text[:4096]
    for separator in _SEPARATORS:
        if separator not in head:
            continue
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
        widths = {len(row) for row in rows}
        if len(rows) >= _FEWEST_ROWS and len(widths) == 1 and widths.pop() > 1:
            return rows
    return None


def _decoded(body: bytes, encoding: str) -> str | None:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _BINARY.search(text) else text
