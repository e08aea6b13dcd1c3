"""Whether everything is there and as it was recorded (R17).

Nothing stored is believed here: bodies are hashed again, readings are made again of the bodies by
the reader that made them, versions are derived again from readings, and the ledger's chain is
walked from its beginning. Each thing that does not hold is named.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive import ledger
from archive.bodies import DamagedBodyError, read_body
from archive.canonical import sha256
from archive.reading import Reader
from archive.readings import DamagedReadingError, Page, Readers, Readings
from archive.versions import COLUMNS, Version, from_row, version_digest

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Fixity:
    """What a verification found. `problems` are sentences; there are none when all holds.

    `not_reread` counts readings by readers that this yange no longer has: their bytes were
    checked, what was once made of them could not be.
    """

    documents: int
    versions: int
    bodies: int
    ledger_length: int
    ledger_head: str
    not_reread: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.problems


class Verification:
    """One pass over an archive, through a read-only connection."""

    def __init__(
        self, connection: sqlite3.Connection, readers: Readers, progress: Progress
    ) -> None:
        self._connection = connection
        self._readings = Readings(connection)
        self._readers = readers
        self._progress = progress
        self._restored: dict[int, Reader | None] = {}
        self._not_reread = 0

    def run(self) -> Fixity:
        """Check everything; a database too damaged to be read is a problem like any other."""
        problems: list[str] = []
        for check in (
            self._database,
            self._bodies,
            self._readings_hold,
            self._versions_hold,
            self._ledger,
        ):
            try:
                problems.extend(check())
            except sqlite3.DatabaseError as error:
                problems.append(f"the database cannot be read: {error}")
        return Fixity(
            self._count("documents WHERE merged_into IS NULL"),
            self._count("versions"),
            self._count("bodies"),
            self._count("changes"),
            self._head(),
            self._not_reread,
            tuple(problems),
        )

    def _database(self) -> Iterator[str]:
        for (message,) in self._connection.execute("PRAGMA integrity_check"):
            if message != "ok":
                yield f"database: {message}"
        for table, row, parent, _ in self._connection.execute("PRAGMA foreign_key_check"):
            yield f"{table} {row}: what it refers to in {parent} is missing"

    def _bodies(self) -> Iterator[str]:
        for body_id in self._each("bodies", "bodies"):
            try:
                read_body(self._connection, body_id)
            except DamagedBodyError as error:
                yield str(error)

    def _readings_hold(self) -> Iterator[str]:
        for reading_id in self._each("readings", "readings"):
            reader_id, *page = self._connection.execute(
                """SELECT reader_id, body_id, location_id, url, content_type FROM readings
                   JOIN locations ON locations.id = location_id WHERE readings.id = ?""",
                (reading_id,),
            ).fetchone()
            reader = self._reader(reader_id)
            if reader is None:
                self._not_reread += 1
                continue
            problem = self._reading_problem(reading_id, Page(*page), reader)
            if problem:
                yield f"reading {reading_id} of {page[2]}: {problem}"

    def _reading_problem(self, reading_id: int, page: Page, reader: Reader) -> str | None:
        try:
            stored = self._readings.load(reading_id)
        except DamagedReadingError as error:
            return str(error)
        try:
            body = read_body(self._connection, page.body_id)
        except DamagedBodyError:
            return None  # named already
        again = reader.read(body, url=page.url, content_type=page.content_type)
        return None if again == stored else "is not what its reader makes of the stored bytes"

    def _versions_hold(self) -> Iterator[str]:
        for version_id in self._each("versions", "versions"):
            row = self._connection.execute(
                f"SELECT {COLUMNS} FROM versions WHERE id = ?", (version_id,)
            ).fetchone()
            try:
                problem = self._version_problem(from_row(row))
            except (DamagedReadingError, ValueError, KeyError, TypeError) as error:
                problem = f"cannot be read: {error}"
            if problem:
                yield f"version {row[2]} of document {row[1]}: {problem}"

    def _version_problem(self, version: Version) -> str | None:
        row = self._connection.execute(
            """SELECT url, sha256 FROM readings
               JOIN bodies ON bodies.id = body_id
               JOIN locations ON locations.id = :location
               WHERE readings.id = :reading""",
            {"location": version.location_id, "reading": version.reading_id},
        ).fetchone()
        if row is None:
            return "the reading that it was made of is missing"
        url, body_sha256 = row
        reading = self._readings.load(version.reading_id)
        if version.fields != reading.fields:
            return "its fields are not those of its reading"
        if version.content_sha256 != sha256(reading.text.encode()):
            return "its text does not have the SHA-256 that was recorded"
        own = version_digest(
            number=version.number,
            url=url,
            at_ms=version.at_ms,
            reader=reading.reader,
            fields=version.fields,
            content_sha256=version.content_sha256,
            body_sha256=body_sha256,
            attachments=version.attachments,
        )
        if own != version.digest:
            return "it does not have the digest that was recorded"
        return self._commitment_problem(version) or self._attachment_problem(version)

    def _commitment_problem(self, version: Version) -> str | None:
        digests = self._connection.execute(
            """SELECT version_digest FROM changes
               WHERE document_id = ? AND version = ? AND version_digest IS NOT NULL""",
            (version.document_id, version.number),
        ).fetchall()
        if not digests:
            return "no change in the ledger made it"
        if any(digest != version.digest for (digest,) in digests):
            return "the ledger commits to another digest of it"
        return None

    def _attachment_problem(self, version: Version) -> str | None:
        for one in version.attachments:
            if one.sha256 is None:
                continue
            held = self._connection.execute(
                "SELECT 1 FROM bodies WHERE sha256 = ?", (bytes.fromhex(one.sha256),)
            ).fetchone()
            if held is None:
                return f"the bytes of its attachment {one.name} are missing"
        return None

    def _ledger(self) -> Iterator[str]:
        previous, expected = ledger.NO_HASH, 1
        for entry, stored in ledger.entries(self._connection):
            if entry.seq != expected:
                yield f"ledger: entry {expected} is missing"
            if entry.previous != previous:
                yield f"ledger: entry {entry.seq} is not chained to the one before it"
            if entry.hash() != stored:
                yield f"ledger: entry {entry.seq} does not have its hash"
            if entry.version_digest is not None and not self._has_version(entry):
                yield f"ledger: entry {entry.seq} speaks of a version that is missing"
            previous, expected = stored, entry.seq + 1

    def _has_version(self, entry: ledger.Entry) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM versions WHERE document_id = ? AND number = ?",
            (entry.document_id, entry.version),
        ).fetchone()
        return row is not None

    def _each(self, table: str, name: str) -> Iterator[int]:
        """Every id of a table in steps, so that neither memory nor a read lock is held for long."""
        total, done, last = self._count(table), 0, 0
        while True:
            ids = self._connection.execute(
                f"SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT 200", (last,)
            ).fetchall()
            if not ids:
                return
            for (last,) in ids:
                yield last
                done += 1
            self._progress(name, done, total)

    def _reader(self, reader_id: int) -> Reader | None:
        if reader_id not in self._restored:
            name, settings = self._connection.execute(
                "SELECT name, settings FROM readers WHERE id = ?", (reader_id,)
            ).fetchone()
            self._restored[reader_id] = self._readers.restore(name, settings)
        return self._restored[reader_id]

    def _count(self, what: str) -> int:
        try:
            return int(self._connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0

    def _head(self) -> str:
        try:
            return ledger.head(self._connection)[1].hex()
        except sqlite3.DatabaseError:
            return ""
