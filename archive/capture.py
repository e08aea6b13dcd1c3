"""What a crawl hands in: captures of documents, visits of columns, and how each turned out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from archive.reading import Reading


class Outcome(StrEnum):
    """How the fetch of a location ended. The archive can turn `document` into `suspect` (R10)."""

    DOCUMENT = "document"
    UNCHANGED = "not_modified"
    """304: what stood there at the last good capture stands there still."""
    GONE = "gone"
    """404, 410, or a redirect to a front page."""
    MOVED = "moved"
    """A redirect to another location, which is captured in its own right."""
    BLOCKED = "blocked"
    SUSPECT = "suspect"
    FORBIDDEN = "forbidden"
    """Not asked for: robots.txt or the fence is against it."""
    OTHER = "other"
    """A sound page that is no document."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An attachment as fetched: its bytes are in the archive already, under `sha256`.

    `sha256` is None when it could not be fetched (`reason` says why) or was not asked for.
    """

    name: str
    url: str
    sha256: bytes | None
    size: int | None = None
    media_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    reason: str = ""


class Hop(NamedTuple):
    """A location that answered with a redirect, and the status that it answered with."""

    url: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch of one location.

    A document's `url` is the location that answered, and `moved_from` are those that redirected
    to it, in order; of anything else `url` is the location that was asked. `moved_to` is set for
    a redirect to a location that the run had asked for already. `headers` have names
    in lower case. `body` is what was received, after transfer- and content-decoding; None when
    nothing was, or nothing new. `reading` is set for every body that was read as a page.
    """

    url: str
    at: datetime
    outcome: Outcome
    status: int | None = None
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    reading: Reading | None = None
    attachments: tuple[KeptFile, ...] = ()
    moved_from: tuple[Hop, ...] = ()
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of a column's list that leads to a place where a document may be."""

    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnVisit:
    """A column's list as one run saw it: how far it was walked, and what it showed."""

    column: str
    pages: int
    rows: int
    first_page_rows: int
    new_rows: int
    reached_end: bool
    failed: str = ""
    """Why a page of the list could not be had; `""` when every page asked for answered."""
