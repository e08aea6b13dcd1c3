"""What a run can ask for, and what it needs to know before it does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archive import subtrees
from archive.database import translated_errors
from archive.due.assessment import due_now
from archive.instants import now_ms
from archive.locations import location_key
from archive.places import ADDRESS_TO_ASK, Status, find_place, unpack_attachments
from archive.reading import LinkedFile
from archive.subtrees import KnownColumn


class Target(NamedTuple):
    """A location to ask for, with the validators of its last good answer."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


class Agenda:
    """What is known and still to do in the archive at `path`, as one run of a portal sees it.

    `run_id` is 0 for a run that has not begun; `reader` is the name of the run's reader. Methods
    raise BusyError and ArchiveUnusableError.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        portal: str,
        reader: str,
        run_id: int = 0,
    ) -> None:
        self._path = path
        self._connection = connection
        self._portal = portal
        self._reader = reader
        self._run_id = run_id

    def known_columns(self) -> list[KnownColumn]:
        """Every column that was ever walked or found."""
        with translated_errors(self._path):
            return subtrees.known_columns(self._connection, self._portal)

    def is_walked(self, under: str) -> bool:
        """Whether columns were ever searched for from the page at `under`."""
        with translated_errors(self._path):
            return subtrees.is_walked(self._connection, self._portal, location_key(under))

    def column_is_complete(self, column: str) -> bool:
        """Whether the column has once been walked to its end."""
        with translated_errors(self._path):
            row = self._connection.execute(
                """SELECT complete_since_run IS NOT NULL FROM columns
                   WHERE portal = ? AND key = ?""",
                (self._portal, location_key(column)),
            ).fetchone()
            return bool(row and row[0])

    def frontier(self) -> Iterator[str]:
        """The addresses that lists have shown and that have not been fetched yet, oldest first."""
        yield from self._paged(
            """SELECT listed_ms, key, url FROM frontier
               WHERE portal = :portal AND (listed_ms, key) > (:listed, :key)
               ORDER BY listed_ms, key LIMIT 200""",
            {"listed": 0, "key": ""},
        )

    def _paged(self, query: str, after: dict[str, object]) -> Iterator[str]:
        # Page by page: a cursor left open across writes would see them, and hold the log back.
        while True:
            with translated_errors(self._path):
                rows = self._connection.execute(query, {"portal": self._portal, **after}).fetchall()
            if not rows:
                return
            for _, _, url in rows:
                yield url
            after = {"listed": rows[-1][0], "key": rows[-1][1]}

    def known_locations(self, *, conditional: bool) -> Iterator[Target]:
        """The locations of all documents, those not asked for longest first.

        Locations that lead to another one are left out while one of their document's answers, and
        are asked again as soon as none did: portals redirect for a while, too. Gone ones are not
        left out: a document can return.
        With `conditional`, the validators of the last good answer come with them.
        """
        after: tuple[int, int] = (-1, 0)
        row = self._connection.execute(
            "SELECT started_ms FROM runs WHERE id = ?", (self._run_id,)
        ).fetchone()
        before_run = row[0] if row else None
        while True:
            with translated_errors(self._path):
                # Those that this run has asked for already stand behind its beginning; so do those
                # that were asked for while the clock was fast.
                rows = self._connection.execute(
                    f"""SELECT last_asked_ms, id, {ADDRESS_TO_ASK}, etag, last_modified
                       FROM locations
                       WHERE portal = ? AND document_id IS NOT NULL
                       AND (status IN (?, ?) OR status = ? AND NOT EXISTS (
                           SELECT 1 FROM locations AS other WHERE other.status = ?
                           AND other.gone_run IS NULL
                           AND other.document_id = locations.document_id))
                       AND (last_asked_ms, id) > (?, ?)
                       AND (last_asked_ms < ? OR NOT EXISTS (
                           SELECT 1 FROM captures
                           WHERE location_id = locations.id AND run_id = ?))
                       ORDER BY last_asked_ms, id LIMIT 200""",
                    (
                        self._portal,
                        *(Status.LIVE, Status.GONE, Status.MOVED, Status.LIVE),
                        *after,
                        before_run,
                        self._run_id,
                    ),
                ).fetchall()
            if not rows:
                return
            for _, _, url, etag, last_modified in rows:
                yield Target(url, etag, last_modified) if conditional else Target(url)
            after = rows[-1][:2]

    def due_locations(self, limit: int, *, ceiling_days: float) -> list[Target]:
        """The `limit` locations whose rereading is worth most, with their validators (docs/due.md).

        A location that answers is left unseen for `ceiling_days` at most, where the limit allows.
        """
        with translated_errors(self._path):
            due = due_now(
                self._connection,
                self._portal,
                limit=limit,
                ceiling_days=ceiling_days,
                now_ms=now_ms(),
            )
        return [Target(one.url, one.etag, one.last_modified) for one in due.chosen]

    def leads_to(self, url: str) -> str | None:
        """The address of the live location that a moved one leads to, or None."""
        with translated_errors(self._path):
            place = find_place(self._connection, self._portal, url)
            if place is None or place.status != Status.MOVED:
                return None
            row = self._connection.execute(
                """SELECT url FROM locations WHERE document_id = ? AND status = ?
                   AND gone_run IS NULL LIMIT 1""",
                (place.document_id, Status.LIVE),
            ).fetchone()
            return row[0] if row else None

    def recall(self, url: str, sha256: bytes | None = None) -> tuple[LinkedFile, ...] | None:
        """The attachments of what stands at `url`, if its bytes are those received there last.

        Without `sha256` the answer was a 304 and the bytes are taken to be. None: read the page.
        """
        with translated_errors(self._path):
            row = self._connection.execute(
                """SELECT attachments, received_sha256 FROM locations
                   JOIN states ON states.id = state_id
                   WHERE portal = :portal AND key = :key
                   AND (judged_by = :reader OR :digest IS NULL)""",
                {
                    "portal": self._portal,
                    "key": location_key(url),
                    "reader": self._reader,
                    "digest": sha256,
                },
            ).fetchone()
        if row is None or (sha256 is not None and row[1] != sha256):
            return None
        return tuple(LinkedFile(one.name, one.url) for one in unpack_attachments(row[0]))
