"""Documents or versions as rows: JSON lines, and a table for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

import orjson

from archive.export.holdings import Holdings, Row
from archive.export.records import Output
from archive.fields import FIELD_NAMES

_BYTE_ORDER_MARK = "\ufeff"
# What makes a cell a formula; the full-width forms do so in Chinese and Japanese spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LIST_COLUMNS = (
    "portal",
    *FIELD_NAMES,
    "url",
    "versions",
    "status",
    "first_seen",
    "last_changed",
    "last_checked",
)
"""What `list` gives."""
# What `show` gives, but for the text: a spreadsheet's cell holds 32,767 characters.
COLUMNS = (
    *LIST_COLUMNS,
    "version",
    "captured_at",
    "confirmed_at",
    "content_sha256",
    "attachments",
)


def sheets(holdings: Holdings, *, every_version: bool) -> Iterator[Row]:
    """Each document, or each of its versions, as `show` gives it."""
    for standing in holdings.standing():
        chosen = holdings.versions_until(standing) if every_version else [standing]
        yield from (holdings.sheet(version) for version in chosen)


def write_jsonl(rows: Iterable[Row], out: Output) -> int:
    """Write rows as JSON, one a line; how many there were."""
    count = 0
    for row in rows:
        out.write(orjson.dumps(row) + b"\n")
        count += 1
    return count


def write_csv(rows: Iterable[Row], names: Sequence[str], out: Output) -> int:
    """Write rows as a table with these columns (RFC 4180, UTF-8 with a mark for Excel).

    A text that a spreadsheet would take for a formula gets an apostrophe in front. How many rows
    there were is returned.
    """
    line = StringIO()
    writer = csv.writer(line)

    def put(cells: Iterable[str]) -> None:
        writer.writerow(cells)
        out.write(line.getvalue().encode())
        line.seek(0)
        line.truncate()

    line.write(_BYTE_ORDER_MARK)
    put(names)
    count = 0
    for row in rows:
        put(_cell(row[name]) for name in names)
        count += 1
    return count


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        # Attachments: where they are; the rest of what is known of them is in the other formats.
        value = "\n".join(one["url"] for one in value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
