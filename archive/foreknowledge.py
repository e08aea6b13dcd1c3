"""What a crawl that has no archive has to know of one, to be written down in its order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from archive.agenda import Agenda
from archive.files import KnownFile
from archive.locations import location_key
from archive.places import Status, unpack_attachments
from archive.plausibility import STATED
from archive.reading import LinkedFile, Reader
from archive.subtrees import KnownColumn

_PLACES = f"""
    SELECT key, status, locations.document_id NOT NULL, gone_run NOT NULL,
           status = '{Status.MOVED}' AND EXISTS (
               SELECT 1 FROM locations AS other WHERE other.document_id = locations.document_id
               AND other.status = '{Status.LIVE}' AND other.gone_run IS NULL),
           EXISTS (SELECT 1 FROM acceptances JOIN captures ON captures.id = capture_id
                   WHERE captures.location_id = locations.id),
           received_sha256, judged_by = :reader, last_seen_ms, states.attachments,
           title, index_number, {" + ".join(f"({name} NOT NULL)" for name in STATED)}
    FROM locations LEFT JOIN states ON states.id = state_id
    LEFT JOIN documents ON documents.id = locations.document_id
    LEFT JOIN versions ON versions.id = current_version_id
    WHERE locations.portal = :portal"""
_FILES = """
    SELECT key, sha256, bytes, media_type, etag, last_modified
    FROM files JOIN bodies ON bodies.id = body_id WHERE portal = :portal"""


class Shown(NamedTuple):
    """What a place showed last: the SHA-256 of the bytes received, when they were seen, and what
    they link to.

    `is_judged` tells that the present reader found these bytes to be the document. `title`,
    `number` and how many fields are `stated` by labels are those of the document's newest version.
    """

    received_sha256: bytes | None
    seen_ms: int
    is_judged: bool
    attachments: tuple[LinkedFile, ...]
    title: str
    number: str | None
    stated: int


class PlaceNote(NamedTuple):
    """What is known of a location, by its key.

    `is_known` tells that it is settled what stands there, `was_gone` that nothing stood there when
    it was last asked. `leads_on` tells that it redirects to one that answers, `is_accepted` that a
    person has accepted a capture of it.
    """

    key: str
    is_known: bool
    has_document: bool
    was_gone: bool
    leads_on: bool
    is_accepted: bool
    shown: Shown | None


class ColumnNote(NamedTuple):
    """A column, how many sweeps in a row have missed it, and whether it was walked to its end."""

    column: KnownColumn
    sweeps_missed: int
    is_complete: bool


class Foreknowledge:
    """What the archive at `path` knows of a portal at one moment, for a crawl somewhere else."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, portal: str, reader: Reader
    ) -> None:
        self.reader = reader
        self.agenda = Agenda(path, connection, portal, reader.name)
        self._connection = connection
        self._portal = portal

    @property
    def last_run(self) -> int:
        """The id of the newest run, of whatever portal; 0 where there is none."""
        row = self._connection.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()
        return int(row[0])

    def places(self, *, in_full: bool) -> Iterator[PlaceNote]:
        """Every location; with what it showed last if it is wanted `in_full`."""
        rows = self._connection.execute(
            _PLACES, {"portal": self._portal, "reader": self.reader.name}
        )
        for row in rows:
            yield _place_note(row, in_full=in_full)

    def place(self, url: str) -> PlaceNote | None:
        """One location in full, or None where it is not known."""
        row = self._connection.execute(
            f"{_PLACES} AND key = :key",
            {"portal": self._portal, "reader": self.reader.name, "key": location_key(url)},
        ).fetchone()
        return _place_note(row, in_full=True) if row else None

    def files(self) -> Iterator[tuple[str, KnownFile]]:
        """Every attachment's address by its key, with what was last fetched from there."""
        for key, *rest in self._connection.execute(_FILES, {"portal": self._portal}):
            yield key, KnownFile._make((*rest, False))

    def file(self, url: str) -> tuple[str, KnownFile] | None:
        """One of them, or None where nothing was fetched from there."""
        row = self._connection.execute(
            f"{_FILES} AND key = :key", {"portal": self._portal, "key": location_key(url)}
        ).fetchone()
        return (row[0], KnownFile._make((*row[1:], False))) if row else None

    def columns(self) -> Iterator[ColumnNote]:
        """Every column that was ever walked or found, the oldest first."""
        missed = self._connection.execute(
            """SELECT sweeps_missed, complete_since_run NOT NULL FROM columns
               WHERE portal = ? ORDER BY id""",
            (self._portal,),
        )
        for column, (sweeps, complete) in zip(self.agenda.known_columns(), missed, strict=True):
            yield ColumnNote(column, sweeps, bool(complete))

    def walked(self) -> Iterator[str]:
        """The keys of the pages from which columns were searched for."""
        rows = self._connection.execute(
            "SELECT key FROM subtrees WHERE portal = ? ORDER BY key", (self._portal,)
        )
        return (key for (key,) in rows)


def _place_note(row: tuple[Any, ...], *, in_full: bool) -> PlaceNote:
    key, status, document, gone, leads_on, accepted, *last = row
    shown = None
    if in_full and last[3] is not None:
        received, judged, seen_ms, files, *version = last
        links = tuple(LinkedFile(one.name, one.url) for one in unpack_attachments(files))
        shown = Shown(received, seen_ms or 0, bool(judged), links, *version)
    return PlaceNote(
        key,
        status != Status.UNKNOWN,
        bool(document),
        bool(gone),
        bool(leads_on),
        bool(accepted),
        shown,
    )
