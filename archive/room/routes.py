"""Every address of the reading room, with its name and who answers there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from starlette.responses import Response

from archive.room.pages import (
    changes,
    columns,
    compare,
    document,
    documents,
    downloads,
    feeds,
    find,
    force,
    holdings,
    received,
    runs,
)
from archive.room.staff import Lane
from archive.room.visit import Visit

Answer = Callable[[Visit], Response]


class Door(NamedTuple):
    """An address, the name by which links lead there, and how it is answered."""

    path: str
    name: str
    answer: Answer
    lane: Lane = Lane.QUICK


_DOCUMENT = "/documents/{id:int}"
_VERSION = f"{_DOCUMENT}/versions/{{version:int}}"
_COMPARISON = f"{_DOCUMENT}/compare/{{before:int}}...{{after:int}}"

PAGES: tuple[Door, ...] = (
    Door("/", "home", changes.changes),
    Door("/changes", "changes", changes.changes),
    Door("/documents", "documents", documents.documents, Lane.SEARCH),
    Door(_DOCUMENT, "document", document.document),
    Door(_VERSION, "version", document.version),
    Door(f"{_DOCUMENT}/compare", "choose_comparison", document.choose_comparison),
    Door(_COMPARISON, "compare", compare.compare, Lane.SEARCH),
    Door(f"{_VERSION}/received", "received", received.received),
    Door(f"{_VERSION}/received/page", "frame", received.frame, Lane.SEARCH),
    Door(f"{_VERSION}/received/source", "source", received.source),
    Door(f"{_VERSION}/received/bytes", "received_bytes", received.received_bytes),
    Door(f"{_VERSION}/attachments/{{place:int}}", "attachment", received.attachment),
    Door(f"{_VERSION}/receipt.json", "receipt", downloads.receipt, Lane.SEARCH),
    Door(
        f"{_COMPARISON}/table.{{ending}}", "revision_table", downloads.revision_table, Lane.DOWNLOAD
    ),
    Door("/documents.csv", "documents_csv", downloads.documents_csv, Lane.DOWNLOAD),
    Door("/documents.jsonl", "documents_jsonl", downloads.documents_jsonl, Lane.DOWNLOAD),
    Door("/changes.csv", "changes_csv", downloads.changes_csv, Lane.DOWNLOAD),
    Door("/changes.jsonl", "changes_jsonl", downloads.changes_jsonl, Lane.DOWNLOAD),
    Door("/feed.atom", "feed_atom", feeds.atom, Lane.SEARCH),
    Door("/feed.json", "feed_json", feeds.json, Lane.SEARCH),
    Door("/find", "find", find.find),
    Door("/conflicts", "conflicts", force.conflicts, Lane.SEARCH),
    Door("/in-force", "in_force", force.in_force, Lane.SEARCH),
    Door("/calendar", "calendar", force.calendar, Lane.SEARCH),
    Door("/calendar.ics", "calendar_feed", force.calendar_feed, Lane.SEARCH),
    Door("/runs", "runs", runs.runs),
    Door("/runs/{id:int}", "run", runs.run),
    Door("/columns", "columns", columns.columns),
    Door("/holdings", "holdings", holdings.holdings),
)
