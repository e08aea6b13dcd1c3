"""Where a version is born: its row, its digest, and its changes in the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from archive.canonical import as_object, digest, sha256
from archive.comparison import Attachment, Difference, State
from archive.fields import FIELD_NAMES, Fields, Validity
from archive.ledger import Subject, append
from archive.numbers import parts_of
from archive.places import Place, pack_attachments, unpack_attachments
from archive.readings import StoredReading


class Version(NamedTuple):
    """A version's row. `location_id` is where it was seen, `attachments` as it was recorded."""

    id: int
    document_id: int
    number: int
    run_id: int
    capture_id: int
    location_id: int
    reading_id: int
    at_ms: int
    fields: Fields
    content_sha256: bytes
    attachments: tuple[Attachment, ...]
    digest: bytes


class Birth(NamedTuple):
    """Where, when and by which capture a version, or an event, came about.

    `at_ms` is when the page was captured. The ledger tells of it at that moment too, except where
    it took a person to say that the page was the document: then at `accepted_ms` (R10).
    """

    run_id: int
    capture_id: int
    at_ms: int
    baseline: bool
    accepted_ms: int | None = None

    @property
    def told_ms(self) -> int:
        """When the ledger tells of it."""
        return self.at_ms if self.accepted_ms is None else self.accepted_ms


_HEAD = (
    "id",
    "document_id",
    "number",
    "run_id",
    "capture_id",
    "location_id",
    "reading_id",
    "at_ms",
)
_TAIL = ("content_sha256", "attachments", "digest")
# What a document's own row repeats of its newest version, to be chosen and ordered by.
_LISTED = (
    "issuing_agency",
    "category",
    "written_on",
    "published_at",
    "validity_label",
    "validity",
)
COLUMNS = ", ".join(f"versions.{name}" for name in (*_HEAD, *FIELD_NAMES, *_TAIL))


def from_row(row: Sequence[Any]) -> Version:
    """A version from a row of `COLUMNS`."""
    values = dict(zip((*_HEAD, *FIELD_NAMES, *_TAIL), row, strict=True))
    fields = {name: values.pop(name) for name in FIELD_NAMES}
    fields["validity"] = Validity(fields["validity"])
    values["attachments"] = unpack_attachments(values["attachments"])
    return Version(fields=Fields(**fields), **values)


def current_version(connection: sqlite3.Connection, document_id: int) -> Version:
    """The newest version of a document."""
    row = connection.execute(
        f"""SELECT {COLUMNS} FROM documents JOIN versions ON versions.id = current_version_id
            WHERE documents.id = ?""",
        (document_id,),
    ).fetchone()
    return from_row(row)


def version_of(connection: sqlite3.Connection, version_id: int) -> Version:
    """The version of that id."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM versions WHERE id = ?", (version_id,)
    ).fetchone()
    return from_row(row)


def versions_of(connection: sqlite3.Connection, document_id: int) -> list[Version]:
    """All versions of a document, the first one first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM versions WHERE document_id = ? ORDER BY number", (document_id,)
    )
    return [from_row(row) for row in rows]


def add_version(
    connection: sqlite3.Connection,
    *,
    document_id: int,
    place: Place,
    body_sha256: bytes,
    reading: StoredReading,
    state: State,
    differences: list[Difference],
    birth: Birth,
) -> int:
    """Record a version and the changes that it carries, within the caller's transaction.

    Returns the version's number, 1 for a document's first.
    """
    last = connection.execute(
        "SELECT coalesce(max(number), 0) FROM versions WHERE document_id = ?", (document_id,)
    ).fetchone()[0]
    number = int(last) + 1
    content_sha256 = sha256(state.text.encode())
    own_digest = digest(
        version_object(
            number=number,
            url=place.url,
            at_ms=birth.at_ms,
            reader=reading.reading.reader,
            fields=state.fields,
            content_sha256=content_sha256,
            body_sha256=body_sha256,
            attachments=state.attachments,
        )
    )
    values = (
        document_id,
        number,
        birth.run_id,
        birth.capture_id,
        place.id,
        reading.id,
        birth.at_ms,
        *(getattr(state.fields, name) for name in FIELD_NAMES),
        content_sha256,
        pack_attachments(state.attachments),
        own_digest,
    )
    cursor = connection.execute(
        f"""INSERT INTO versions ({", ".join((*_HEAD[1:], *FIELD_NAMES, *_TAIL))})
            VALUES ({", ".join("?" * len(values))})""",
        values,
    )
    connection.execute(
        f"""UPDATE documents SET current_version_id = ?,
            {", ".join(f"current_{name} = ?" for name in _LISTED)} WHERE id = ?""",
        (cursor.lastrowid, *(getattr(state.fields, name) for name in _LISTED), document_id),
    )
    note_number(connection, document_id, state.fields.index_number)
    append(
        connection,
        Subject(
            document_id=document_id,
            portal=place.portal,
            index_number=state.fields.index_number,
            title=state.fields.title,
            url=place.url,
            version=number,
            version_digest=own_digest,
        ),
        differences,
        at_ms=birth.told_ms,
        run_id=birth.run_id,
        baseline=birth.baseline,
    )
    return number


def add_event(
    connection: sqlite3.Connection, document_id: int, place: Place, event: Difference, birth: Birth
) -> None:
    """Record an event that makes no version (R8), within the caller's transaction."""
    version = current_version(connection, document_id)
    append(
        connection,
        Subject(
            document_id=document_id,
            portal=place.portal,
            index_number=version.fields.index_number,
            title=version.fields.title,
            url=place.url,
            version=version.number,
        ),
        [event],
        at_ms=birth.told_ms,
        run_id=birth.run_id,
        baseline=birth.baseline,
    )


def version_object(
    *,
    number: int,
    url: str,
    at_ms: int,
    reader: str,
    fields: Fields,
    content_sha256: bytes,
    body_sha256: bytes,
    attachments: tuple[Attachment, ...],
) -> dict[str, object]:
    """The object whose digest is what a change commits to with its version (R17)."""
    return {
        "version": number,
        "url": url,
        "at_ms": at_ms,
        "reader": reader,
        "fields": as_object(fields),
        "content_sha256": content_sha256.hex(),
        "body_sha256": body_sha256.hex(),
        "attachments": [
            {"name": one.name, "url": one.url, "sha256": one.sha256} for one in attachments
        ],
    }


def note_number(connection: sqlite3.Connection, document_id: int, number: str | None) -> None:
    """Remember that a document went by `number`, so that it is found by it ever after (R4)."""
    if number is None:
        return
    connection.execute(
        "INSERT OR IGNORE INTO document_numbers (number, document_id) VALUES (?, ?)",
        (number, document_id),
    )
    parts = parts_of(number)
    if parts is not None:
        connection.execute(
            "INSERT OR IGNORE INTO serials (serial, document_id) VALUES (?, ?)",
            (parts.serial, document_id),
        )
