"""What a crawl tells its keeper, as JSON, and back: the items that a spool consists of.

Each is an object whose `kind` is the name of the method that it was told by. `docs/orders.md` lists
them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from archive.answers import HEADERS_KEPT
from archive.capture import Capture, ColumnVisit, Hop, KeptFile, ListedRow, Outcome
from archive.instants import to_ms
from archive.readings import pack, read_object

Item = dict[str, Any]


def of_capture(capture: Capture, *, body_sha256: bytes | None, held_sha256: bytes | None) -> Item:
    """A capture without its body, of which only the SHA-256 stands in it.

    `held_sha256` is that of the bytes which a capture that saw nothing new found unchanged.
    """
    return {
        "kind": "record",
        "url": capture.url,
        "at": to_ms(capture.at),
        "outcome": capture.outcome.value,
        "status": capture.status,
        "reason": capture.reason,
        "headers": kept_headers(capture),
        "body": body_sha256.hex() if body_sha256 else None,
        "held": held_sha256.hex() if held_sha256 else None,
        "reading": orjson.Fragment(pack(capture.reading)) if capture.reading else None,
        "attachments": [_of_file(one) for one in capture.attachments],
        "moved_from": [[hop.url, hop.status] for hop in capture.moved_from],
        "moved_to": capture.moved_to,
    }


def capture_of(item: Item, body: bytes | None) -> Capture:
    """The capture that `of_capture` made an item of."""
    return Capture(
        url=item["url"],
        at=datetime.fromtimestamp(item["at"] / 1000, UTC),
        outcome=Outcome(item["outcome"]),
        status=item["status"],
        reason=item["reason"],
        headers=item["headers"],
        body=body,
        reading=read_object(item["reading"]) if item["reading"] else None,
        attachments=tuple(_file_of(one) for one in item["attachments"]),
        moved_from=tuple(Hop(url, status) for url, status in item["moved_from"]),
        moved_to=item["moved_to"],
    )


def kept_headers(capture: Capture) -> dict[str, str]:
    """The headers of an answer that an archive makes use of."""
    return {name: value for name, value in capture.headers.items() if name in HEADERS_KEPT}


def of_rows(column: str, rows: list[ListedRow], at_ms: int) -> Item:
    """A list page's rows, seen at that instant."""
    return {
        "kind": "note_rows",
        "column": column,
        "at": at_ms,
        "rows": [[row.url, row.title] for row in rows],
    }


def rows_of(item: Item) -> list[ListedRow]:
    """The rows that `of_rows` made an item of."""
    return [ListedRow(url, title) for url, title in item["rows"]]


def of_visit(visit: ColumnVisit) -> Item:
    """How a column was visited."""
    return {
        "kind": "note_visit",
        "column": visit.column,
        "pages": visit.pages,
        "rows": visit.rows,
        "first_page_rows": visit.first_page_rows,
        "new_rows": visit.new_rows,
        "reached_end": visit.reached_end,
        "failed": visit.failed,
    }


def visit_of(item: Item) -> ColumnVisit:
    """The visit that `of_visit` made an item of."""
    return ColumnVisit(**{name: value for name, value in item.items() if name != "kind"})


def _of_file(file: KeptFile) -> Item:
    return {
        "name": file.name,
        "url": file.url,
        "sha256": file.sha256.hex() if file.sha256 else None,
        "size": file.size,
        "media_type": file.media_type,
        "etag": file.etag,
        "last_modified": file.last_modified,
        "reason": file.reason,
    }


def _file_of(item: Item) -> KeptFile:
    digest = item["sha256"]
    return KeptFile(**{**item, "sha256": bytes.fromhex(digest) if digest else None})
