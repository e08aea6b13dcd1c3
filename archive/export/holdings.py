"""What there is to export: chosen documents with their versions, and what was received of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from archive import ledger
from archive.bodies import read_body
from archive.capture import Outcome
from archive.places import unpack_attachments
from archive.selection import Order, Selection
from archive.standing import completed_attachments
from archive.versions import COLUMNS, Version, from_row, version_of

Row = dict[str, Any]
Sheet = Callable[[Version], Row]
Progress = Callable[[str, int, int], None]


# A person sees no more, and telling takes longer than reading.
_STEP = 100


class Taken(NamedTuple):
    """A capture: `body_id` and `sha256` are None where no bytes were kept of it.

    `accepts` is set on one that stands for an earlier one, which a person accepted.
    """

    id: int
    location_id: int
    url: str
    at_ms: int
    outcome: str
    status: int | None
    headers: dict[str, str]
    body_id: int | None
    accepts: int | None


class Kept(NamedTuple):
    """An attachment as one state of a page had it."""

    url: str
    at_ms: int
    media_type: str
    body_id: int


class Page(NamedTuple):
    """The page of a version: its bytes and how they were labelled."""

    body_id: int
    sha256: str
    size: int
    content_type: str


class Holdings:
    """The part of an archive that a selection names, read through one connection.

    `sheet` gives a version as `show` does. With `as_of_ms` in the selection, everything is what the
    archive had at that moment.
    """

    def __init__(
        self, connection: sqlite3.Connection, selection: Selection, sheet: Sheet, progress: Progress
    ) -> None:
        self.connection = connection
        self.progress = progress
        self._selection = selection
        self._sheet = sheet
        # Read as it is needed, again where it is: there may be more documents than memory for them.
        self._query, self._values = selection.select(Order.BY_PORTAL)

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the archive is left out."""
        return self._selection == Selection()

    @property
    def documents(self) -> int:
        """How many documents are chosen."""
        query = f"SELECT count(*) FROM ({self._query})"
        return int(self.connection.execute(query, self._values).fetchone()[0])

    @property
    def ledger(self) -> tuple[int, str]:
        """The length and the head of the ledger."""
        length, head = ledger.head(self.connection)
        return length, head.hex()

    # --- documents and versions -----------------------------------------------------------------

    def standing(self) -> Iterator[Version]:
        """The version that stands of each document, in the order of `list`."""
        total = self.documents
        chosen = self.connection.execute(self._query, self._values)
        for done, (_, version_id) in enumerate(chosen):
            self._tell("documents", done, total)
            yield version_of(self.connection, version_id)
        self._tell("documents", total, total)

    def versions_until(self, standing: Version) -> list[Version]:
        """The versions of a document up to the one that stands, the first one first."""
        return [
            from_row(row)
            for row in self.connection.execute(
                f"SELECT {COLUMNS} FROM versions WHERE document_id = ? AND number <= ?"
                " ORDER BY number",
                (standing.document_id, standing.number),
            )
        ]

    def address(self, version: Version) -> str:
        """Where a version was seen."""
        row = self.connection.execute(
            "SELECT url FROM locations WHERE id = ?", (version.location_id,)
        ).fetchone()
        return str(row[0])

    def sheet(self, version: Version) -> Row:
        """A version as `show` gives it."""
        return self._sheet(version)

    def page(self, version: Version) -> Page:
        """The page that a version was read from."""
        body_id, digest, size, content_type = self.connection.execute(
            """SELECT bodies.id, sha256, bytes, content_type FROM readings
               JOIN bodies ON bodies.id = body_id WHERE readings.id = ?""",
            (version.reading_id,),
        ).fetchone()
        return Page(body_id, digest.hex(), size, content_type)

    def files(self, version: Version) -> Iterator[tuple[str, str, int]]:
        """Address, SHA-256 and body of each attachment of a version that is held."""
        for one in completed_attachments(self.connection, version):
            body_id = self._body_id(one.sha256)
            if one.sha256 is not None and body_id is not None:
                yield one.url, one.sha256, body_id

    def entries(self, version: Version) -> list[Row]:
        """The ledger's entries that made a version."""
        return [
            {"seq": seq, "kind": kind, "field": field, "hash": digest.hex()}
            for seq, kind, field, digest in self.connection.execute(
                """SELECT seq, kind, field, hash FROM changes WHERE document_id = ?
                   AND version = ? AND version_digest IS NOT NULL ORDER BY seq""",
                (version.document_id, version.number),
            )
        ]

    # --- what was received ----------------------------------------------------------------------

    def captures(self) -> Iterator[Taken]:
        """The captures that brought bytes which are kept, or saw nothing new; oldest first."""
        total = self._count("captures")
        for done, row in enumerate(
            self.connection.execute(
                f"""SELECT captures.id, location_id, url, at_ms, outcome, captures.status, headers,
                    body_id, (SELECT accepted_capture_id FROM acceptances
                              WHERE acceptances.capture_id = captures.id)
                    FROM captures JOIN locations ON locations.id = location_id
                    WHERE (body_id NOT NULL OR outcome = :unchanged) {self._chosen}
                    ORDER BY captures.id""",
                {"unchanged": Outcome.UNCHANGED, **self._choice},
            )
        ):
            self._tell("captures", done, total)
            capture, location, url, at_ms, outcome, status, headers, body_id, accepts = row
            stated = orjson.loads(headers) if headers else {}
            yield Taken(capture, location, url, at_ms, outcome, status, stated, body_id, accepts)
        self._tell("captures", total, total)

    def attachments(self) -> Iterator[Kept]:
        """The attachments that are held, of late arrivals and then of each state of a page.

        The time of a late one is when it came, that of the others when their page was captured. The
        same bytes at the same address occur as often as states of pages name them.
        """
        yield from (
            Kept(*row)
            for row in self.connection.execute(
                f"""SELECT completions.url, completions.at_ms, media_type, body_id
                    FROM completions JOIN versions ON versions.id = version_id
                    JOIN locations ON locations.id = versions.location_id
                    WHERE 1 {self._chosen.replace("captures.", "completions.")}
                    ORDER BY completions.run_id, completions.at_ms, completions.url""",
                self._choice,
            )
        )
        for attachments, at_ms in self.connection.execute(
            f"""SELECT states.attachments, at_ms FROM states
                JOIN captures ON captures.id = capture_id
                JOIN locations ON locations.id = captures.location_id
                WHERE states.attachments <> '[]' {self._chosen} ORDER BY states.id""",
            self._choice,
        ):
            for one in unpack_attachments(attachments):
                body_id = self._body_id(one.sha256)
                if body_id is not None:
                    yield Kept(one.url, at_ms, one.media_type, body_id)

    def bodies(self) -> Iterator[tuple[int, bytes]]:
        """Id and SHA-256 of every body."""
        yield from self.connection.execute("SELECT id, sha256 FROM bodies ORDER BY id")

    def body(self, body_id: int) -> bytes:
        """The bytes of a body. Raises DamagedBodyError."""
        return read_body(self.connection, body_id)

    @property
    def _chosen(self) -> str:
        """A condition on captures joined with their locations."""
        clauses = []
        if not self.is_whole:
            clauses.append(f"AND locations.document_id IN (SELECT id FROM ({self._query}))")
        if self._selection.as_of_ms is not None:
            clauses.append("AND captures.at_ms <= :as_of_ms")
        return " ".join(clauses)

    @property
    def _choice(self) -> dict[str, object]:
        return {} if self.is_whole else self._values

    def _body_id(self, digest: str | None) -> int | None:
        if digest is None:
            return None
        row = self.connection.execute(
            "SELECT id FROM bodies WHERE sha256 = ?", (bytes.fromhex(digest),)
        ).fetchone()
        return row[0] if row else None

    def _tell(self, what: str, done: int, total: int) -> None:
        if done % _STEP == 0 or done == total:
            self.progress(what, done, total)

    def _count(self, table: str) -> int:
        return int(self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
