"""Locations as rows: what is known of each place of a portal, and what stood there last."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import orjson

from archive.comparison import Attachment, State
from archive.context import RunContext
from archive.locations import host_of, location_key, location_url
from archive.reading import Reading
from archive.readings import Page


class Status(StrEnum):
    """What is known of a location."""

    UNKNOWN = "unknown"
    """It has never given an answer that settles what it is."""
    LIVE = "live"
    GONE = "gone"
    MOVED = "moved"
    """It redirects to another location of the same document."""
    OTHER = "other"
    """A sound page that is no document."""


class Place(NamedTuple):
    """A location's row."""

    id: int
    portal: str
    key: str
    url: str
    document_id: int | None
    status: str
    answered_run: int | None
    changed_run: int | None
    gone_run: int | None
    state_id: int | None
    received_sha256: bytes | None
    judged_by: str | None

    @property
    def host(self) -> str:
        """Host and port as in the key."""
        return host_of(self.key)


class Shown(NamedTuple):
    """The row of a state: the bytes that a location showed, and its attachments then."""

    id: int
    capture_id: int
    body_id: int
    content_type: str
    attachments: tuple[Attachment, ...]


ADDRESS_TO_ASK = "iif(misses = 0, coalesce(answered_as, url), url)"
"""SQL for the spelling at which a location answered last: on a portal that leads from http to https
a request is spared. Where it no longer answers so, it is asked as it was first met."""

_FIELDS = ", ".join(Place._fields)


def find_place(connection: sqlite3.Connection, portal: str, url: str) -> Place | None:
    """The location at `url`, or None."""
    row = connection.execute(
        f"SELECT {_FIELDS} FROM locations WHERE portal = ? AND key = ?",
        (portal, location_key(url)),
    ).fetchone()
    return Place(*row) if row else None


def place_at(connection: sqlite3.Connection, portal: str, url: str, at_ms: int) -> Place:
    """The location at `url`, made where it is new, within the caller's transaction."""
    known = find_place(connection, portal, url)
    if known is not None:
        return known
    connection.execute(
        """INSERT INTO locations (portal, key, url, status, first_seen_ms, last_asked_ms)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (portal, location_key(url), location_url(url), Status.UNKNOWN, at_ms, at_ms),
    )
    place = find_place(connection, portal, url)
    assert place is not None
    return place


def places_of(connection: sqlite3.Connection, document_id: int) -> list[Place]:
    """Every location of a document, the oldest first."""
    rows = connection.execute(
        f"SELECT {_FIELDS} FROM locations WHERE document_id = ? ORDER BY id", (document_id,)
    )
    return [Place(*row) for row in rows]


def shown_at(connection: sqlite3.Connection, state_id: int) -> Shown:
    """The state of that id."""
    row = connection.execute(
        "SELECT id, capture_id, body_id, content_type, attachments FROM states WHERE id = ?",
        (state_id,),
    ).fetchone()
    identity, capture_id, body_id, content_type, attachments = row
    return Shown(identity, capture_id, body_id, content_type, unpack_attachments(attachments))


def state_at(run: RunContext, place: Place) -> State:
    """What `place` showed last, in the words of the run's reader.

    The attachments are those that this reader finds, with the bytes that are known of each: one
    that an older reader overlooked has no bytes yet, which is not a change of the portal's (R12).
    """
    assert place.state_id is not None
    shown = shown_at(run.connection, place.state_id)
    page = Page(shown.body_id, place.id, place.url, shown.content_type)
    return state_of(run.read(page).reading, shown.attachments)


def state_of(reading: Reading, known: Sequence[Attachment]) -> State:
    """A reading with what is known of the bytes of its attachments."""
    by_url = {attachment.url: attachment for attachment in known}
    attachments = []
    for link in reading.attachments:
        held = by_url.get(link.url)
        attachments.append(
            Attachment(link.name, link.url, held.sha256, held.size, held.media_type)
            if held is not None
            else Attachment(link.name, link.url, None)
        )
    return State(reading.fields, reading.text, tuple(attachments))


def pack_attachments(attachments: Sequence[Attachment]) -> str:
    """Attachments as JSON, the way states and versions keep them."""
    return orjson.dumps(
        [
            {
                "name": one.name,
                "url": one.url,
                "sha256": one.sha256,
                "bytes": one.size,
                "media_type": one.media_type,
            }
            for one in attachments
        ]
    ).decode()


def unpack_attachments(data: str) -> tuple[Attachment, ...]:
    """The attachments that `pack_attachments` packed."""
    return tuple(
        Attachment(one["name"], one["url"], one["sha256"], one["bytes"], one["media_type"])
        for one in orjson.loads(data)
    )
