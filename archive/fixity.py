"""Whether everything is there and as it was recorded (R17).

Nothing stored is believed here: bodies are hashed again, readings are made again of the bodies by
the reader that made them, versions are derived again from readings, the chains of the ledger and
of the seals are walked from their beginnings, and what is known at the moment is held against what
was recorded. Each thing that does not hold is named.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive import ledger
from archive.bodies import DamagedBodyError, read_body
from archive.canonical import digest, sha256
from archive.chains import ledger_problems, seal_problems
from archive.derived import derived_problems
from archive.layout import layout_problems
from archive.reading import Reader
from archive.readings import DamagedReadingError, Page, Readers, Readings
from archive.seals import Seal, last_seal, seal_before
from archive.storage import dictionaries
from archive.storage.dictionaries import DamagedDictionaryError
from archive.versions import COLUMNS, Version, from_row, version_object

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Fixity:
    """What a verification found. `problems` are sentences; there are none when all holds.

    `bodies` and `versions` count what there is, however much of it was checked. `seal` is the hash
    of the newest one. `not_reread` counts readings by readers that this yange no longer has: their
    bytes were checked, what was once made of them could not be.
    """

    documents: int
    versions: int
    bodies: int
    ledger_length: int
    ledger_head: str
    seal: str | None
    not_reread: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.problems


class Verification:
    """One pass over an archive, through a read-only connection.

    With `since_ms`, what runs had recorded that ended before then is left out: its bytes are not
    hashed and its pages not read again. The chains are walked whole all the same.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        readers: Readers,
        progress: Progress,
        since_ms: int | None = None,
    ) -> None:
        self._connection = connection
        self._readings = Readings(connection)
        self._readers = readers
        self._progress = progress
        self._restored: dict[int, Reader | None] = {}
        self._not_reread = 0
        self._since_ms = since_ms
        self._boundary: Seal | None = None

    def run(self) -> Fixity:
        """Check everything; a database too damaged to be read is a problem like any other."""
        problems: list[str] = []
        for check in (
            self._database,
            lambda: layout_problems(self._connection),
            self._find_boundary,
            self._dictionaries,
            self._bodies,
            self._readings_hold,
            self._versions_hold,
            lambda: ledger_problems(self._connection),
            self._seals_hold,
            lambda: derived_problems(self._connection),
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
            self._last_seal(),
            self._not_reread,
            tuple(dict.fromkeys(problems)),
        )

    def _database(self) -> Iterator[str]:
        # The quick one leaves out whether indexes agree with their tables.
        check = "integrity_check" if self._since_ms is None else "quick_check"
        for (message,) in self._connection.execute(f"PRAGMA {check}"):
            if message != "ok":
                yield f"database: {message}"
        for table, row, parent, _ in self._connection.execute("PRAGMA foreign_key_check"):
            yield f"{table} {row}: what it refers to in {parent} is missing"

    def _find_boundary(self) -> Iterator[str]:
        if self._since_ms is not None:
            self._boundary = seal_before(self._connection, self._since_ms)
        yield from ()

    def _seals_hold(self) -> Iterator[str]:
        after = self._boundary.id if self._boundary else 0
        return seal_problems(self._connection, after, self._progress)

    def _dictionaries(self) -> Iterator[str]:
        # All of them, however old: what is recorded today is compressed with them.
        for (dictionary_id,) in self._connection.execute("SELECT id FROM dictionaries").fetchall():
            try:
                dictionaries.read(self._connection, dictionary_id)
            except DamagedDictionaryError as error:
                yield str(error)

    def _bodies(self) -> Iterator[str]:
        for body_id in self._each("bodies"):
            try:
                read_body(self._connection, body_id)
            except DamagedBodyError as error:
                yield str(error)

    def _readings_hold(self) -> Iterator[str]:
        for reading_id in self._each("readings"):
            row = self._connection.execute(
                """SELECT reader_id, body_id, location_id, url, content_type FROM readings
                   JOIN locations ON locations.id = location_id
                   JOIN readers ON readers.id = reader_id WHERE readings.id = ?""",
                (reading_id,),
            ).fetchone()
            if row is None:
                continue  # what it refers to is missing, which is named already
            reader_id, *page = row
            reader = self._reader(reader_id)
            if reader is None:
                self._not_reread += 1
                continue
            problem = self._reading_problem(reading_id, Page(*page), reader)
            if problem:
                yield f"reading {reading_id} of {page[2]}: {problem}"

    def _reading_problem(self, reading_id: int, page: Page, reader: Reader) -> str | None:
        try:
            body = read_body(self._connection, page.body_id)
        except DamagedBodyError:
            return None  # named already
        try:
            stored = self._readings.load(reading_id)
        except DamagedReadingError as error:
            return str(error)
        again = reader.read(body, url=page.url, content_type=page.content_type)
        return None if again == stored else "is not what its reader makes of the stored bytes"

    def _versions_hold(self) -> Iterator[str]:
        for version_id in self._each("versions"):
            row = self._connection.execute(
                f"SELECT {COLUMNS} FROM versions WHERE id = ?", (version_id,)
            ).fetchone()
            try:
                problems = list(self._version_problems(from_row(row)))
            except (DamagedReadingError, ValueError, KeyError, TypeError) as error:
                problems = [f"cannot be read: {error}"]
            for problem in problems:
                yield f"version {row[2]} of document {row[1]}: {problem}"

    def _version_problems(self, version: Version) -> Iterator[str]:
        row = self._connection.execute(
            """SELECT url, sha256, readers.name FROM readings
               JOIN bodies ON bodies.id = body_id
               JOIN readers ON readers.id = reader_id
               JOIN locations ON locations.id = :location
               WHERE readings.id = :reading""",
            {"location": version.location_id, "reading": version.reading_id},
        ).fetchone()
        if row is None:
            yield "the reading that it was made of is missing"
            return
        url, body_sha256, reader = row
        own = digest(
            version_object(
                number=version.number,
                url=url,
                at_ms=version.at_ms,
                reader=reader,
                fields=version.fields,
                content_sha256=version.content_sha256,
                body_sha256=body_sha256,
                attachments=version.attachments,
            )
        )
        for problem in (
            None if own == version.digest else "it does not have the digest that was recorded",
            self._text_problem(version),
            self._commitment_problem(version),
            self._attachment_problem(version),
        ):
            if problem:
                yield problem

    def _text_problem(self, version: Version) -> str | None:
        try:
            reading = self._readings.load(version.reading_id)
        except DamagedReadingError as error:
            return f"cannot be read: {error}"
        if version.fields != reading.fields:
            return "its fields are not those of its reading"
        if version.content_sha256 != sha256(reading.text.encode()):
            return "its text does not have the SHA-256 that was recorded"
        return None

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

    def _each(self, table: str) -> Iterator[int]:
        """The ids of a table in steps, so that neither memory nor a read lock is held for long."""
        last = self._boundary.part(table).last if self._boundary else 0
        total, done = self._count(f"{table} WHERE id > {last}"), 0
        while True:
            ids = self._connection.execute(
                f"SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT 200", (last,)
            ).fetchall()
            if not ids:
                return
            for (last,) in ids:
                yield last
                done += 1
            self._progress(table, done, total)

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

    def _last_seal(self) -> str | None:
        try:
            seal = last_seal(self._connection)
        except sqlite3.DatabaseError:
            return None
        return seal.hash.hex() if seal else None
