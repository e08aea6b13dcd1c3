"""The ledger: every change, chained to the one before it by SHA-256 (R17).

The hash of an entry is SHA-256 of the canonical JSON of an object with the members of `Entry`:
numbers as numbers, text as text, what is not stated as null, `baseline` as true or false, and the
hashes `version_digest` and `previous` in hexadecimal. `previous` is the hash of the entry before
it, 64 zeros for the first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from archive.canonical import as_object, digest
from archive.comparison import Difference

NO_HASH = bytes(32)
"""What the first entry is chained to."""

_COLUMNS = (
    "seq, at_ms, run_id, document_id, portal, index_number, title, url, version, kind, field,"
    " before, after, baseline, version_digest, previous, hash"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change as the ledger keeps it.

    `version` and `version_digest` name the version that the change belongs to and commit to its
    fields, body and attachments; an event that makes no version has the version that stood then,
    and None for its digest.
    """

    seq: int
    at_ms: int
    run_id: int
    document_id: int
    portal: str
    index_number: str | None
    title: str
    url: str
    version: int | None
    kind: str
    field: str | None
    before: str | None
    after: str | None
    baseline: bool
    version_digest: bytes | None
    previous: bytes

    def as_hashed(self) -> dict[str, object]:
        """The object whose canonical JSON is hashed."""
        return {
            **as_object(self),
            "version_digest": self.version_digest.hex() if self.version_digest else None,
            "previous": self.previous.hex(),
        }

    def hash(self) -> bytes:
        """The entry's hash, 32 bytes."""
        return digest(self.as_hashed())


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The document that changes are recorded of, as it stands with them.

    `version_digest` is given when the changes made that version, and so commit to it.
    """

    document_id: int
    portal: str
    index_number: str | None
    title: str
    url: str
    version: int | None
    version_digest: bytes | None = None


def head(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """The number of entries and the hash of the last one."""
    row = connection.execute("SELECT seq, hash FROM changes ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, NO_HASH)


def hashes(connection: sqlite3.Connection, length: int) -> Iterator[bytes]:
    """The hashes stored for the first `length` entries, in order."""
    rows = connection.execute("SELECT hash FROM changes WHERE seq <= ? ORDER BY seq", (length,))
    return (stored for (stored,) in rows)


def append(
    connection: sqlite3.Connection,
    subject: Subject,
    differences: list[Difference],
    *,
    at_ms: int,
    run_id: int,
    baseline: bool,
) -> None:
    """Add one entry a difference, within the caller's transaction."""
    seq, previous = head(connection)
    for difference in differences:
        seq += 1
        entry = Entry(
            seq=seq,
            at_ms=at_ms,
            run_id=run_id,
            document_id=subject.document_id,
            portal=subject.portal,
            index_number=subject.index_number,
            title=subject.title,
            url=subject.url,
            version=subject.version,
            kind=difference.kind.value,
            field=difference.field,
            before=difference.before,
            after=difference.after,
            baseline=baseline,
            version_digest=subject.version_digest,
            previous=previous,
        )
        previous = entry.hash()
        connection.execute(
            f"INSERT INTO changes ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (*_values(entry), previous),
        )


def entries(connection: sqlite3.Connection, since: int = 0) -> Iterator[tuple[Entry, bytes]]:
    """Every entry from number `since` on with the hash stored for it, oldest first."""
    for row in connection.execute(
        f"SELECT {_COLUMNS} FROM changes WHERE seq >= ? ORDER BY seq", (since,)
    ):
        names = _COLUMNS.replace("\n", "").split(", ")
        values = dict(zip((name.strip() for name in names), row, strict=True))
        stored = values.pop("hash")
        values["baseline"] = bool(values["baseline"])
        yield Entry(**values), stored


def _values(entry: Entry) -> tuple[object, ...]:
    return tuple(getattr(entry, name.strip()) for name in _COLUMNS.split(",")[:-1])
