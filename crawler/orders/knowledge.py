"""What an order says of the past, and what its crawl has learnt since.

In a temporary database, which SQLite keeps in a file once it grows: a portal may have more
documents than memory has room for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

import orjson

from archive.agenda import Target
from archive.files import KnownFile
from archive.locations import location_key
from archive.reading import LinkedFile
from archive.subtrees import SWEEPS_UNTIL_VANISHED, KnownColumn
from crawler.orders.file import Line

_BATCH = 200
_TABLES = (
    "CREATE TABLE frontier (id INTEGER PRIMARY KEY, url TEXT)",
    "CREATE TABLE targets (id INTEGER PRIMARY KEY, url TEXT, etag TEXT, last_modified TEXT)",
    """CREATE TABLE places (
        key TEXT PRIMARY KEY, is_known INTEGER, has_document INTEGER, was_gone INTEGER,
        leads_on INTEGER, is_accepted INTEGER,
        received TEXT, seen_ms INTEGER, is_judged INTEGER, attachments TEXT,
        title TEXT, number TEXT, stated INTEGER) WITHOUT ROWID""",
    """CREATE TABLE files (
        key TEXT PRIMARY KEY, sha256 TEXT, bytes INTEGER, media_type TEXT, etag TEXT,
        last_modified TEXT, fresh INTEGER) WITHOUT ROWID""",
    """CREATE TABLE columns (
        id INTEGER PRIMARY KEY, key TEXT UNIQUE, url TEXT, name TEXT, found_under TEXT,
        absent INTEGER, missed INTEGER, is_complete INTEGER)""",
    "CREATE TABLE walked (key TEXT PRIMARY KEY)",
)


class Place(NamedTuple):
    """A location as a crawl without an archive knows it; see `archive.foreknowledge`."""

    is_known: bool
    has_document: bool
    was_gone: bool
    leads_on: bool
    is_accepted: bool
    received_sha256: bytes | None
    seen_ms: int | None
    is_judged: bool
    attachments: tuple[LinkedFile, ...] | None
    title: str
    number: str | None
    stated: int


_NOWHERE = Place(False, False, False, False, False, None, None, False, None, "", None, 0)


class Knowledge:
    """Answers from the lines of an order."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Raises whatever reading the lines raises."""
        self._database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self._database.execute(f"PRAGMA {pragma}")
        for statement in _TABLES:
            self._database.execute(statement)
        self._database.execute("BEGIN")
        for kind, some in groupby(lines, key=lambda line: line[0]):
            statement, values = _INSERTS[kind]
            self._database.executemany(statement, (values(line[1:]) for line in some))
        self._database.execute("COMMIT")

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    # --- what there is to ask -----------------------------------------------------------------

    def frontier(self) -> Iterator[str]:
        """The addresses that lists have shown, oldest first."""
        return (url for (url,) in self._paged("SELECT id, url FROM frontier"))

    def targets(self) -> Iterator[Target]:
        """The locations of documents to ask for."""
        return (
            Target(*row) for row in self._paged("SELECT id, url, etag, last_modified FROM targets")
        )

    def _paged(self, query: str) -> Iterator[tuple[Any, ...]]:
        last = 0
        while True:
            rows = self._database.execute(
                f"{query} WHERE id > ? ORDER BY id LIMIT {_BATCH}", (last,)
            ).fetchall()
            if not rows:
                return
            for row in rows:
                yield row[1:]
            last = rows[-1][0]

    # --- locations ----------------------------------------------------------------------------

    def place(self, url: str) -> Place:
        """What is known of a location."""
        row = self._database.execute(
            """SELECT is_known, has_document, was_gone, leads_on, is_accepted, received, seen_ms,
               is_judged, attachments, title, number, stated FROM places WHERE key = ?""",
            (location_key(url),),
        ).fetchone()
        if row is None:
            return _NOWHERE
        *flags, received, seen_ms, is_judged, attachments, title, number, stated = row
        links = None
        if attachments is not None:
            links = tuple(LinkedFile(*link) for link in orjson.loads(attachments))
        digest = bytes.fromhex(received) if received else None
        shown = digest, seen_ms, bool(is_judged), links, title or "", number, stated or 0
        return Place._make((*map(bool, flags), *shown))

    def settle(self, url: str) -> None:
        """What stands at a location is known from now on."""
        self._database.execute(
            """INSERT INTO places (key, is_known) VALUES (?, 1)
               ON CONFLICT (key) DO UPDATE SET is_known = 1""",
            (location_key(url),),
        )

    # --- attachments --------------------------------------------------------------------------

    def file(self, url: str) -> KnownFile | None:
        """What is known of an attachment's address."""
        row = self._database.execute(
            """SELECT sha256, bytes, media_type, etag, last_modified, fresh FROM files
               WHERE key = ?""",
            (location_key(url),),
        ).fetchone()
        if row is None:
            return None
        digest, *rest, fresh = row
        return KnownFile._make((bytes.fromhex(digest), *rest, bool(fresh)))

    def keep_file(self, url: str, file: KnownFile) -> None:
        """Bytes were fetched from an attachment's address."""
        self._database.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
            (location_key(url), file.sha256.hex(), *file[1:]),
        )

    def confirm_file(self, url: str) -> None:
        """They are still what they were."""
        self._database.execute("UPDATE files SET fresh = 1 WHERE key = ?", (location_key(url),))

    # --- columns ------------------------------------------------------------------------------

    def columns(self) -> list[KnownColumn]:
        """Every column that was ever walked or found, the oldest first."""
        return [
            KnownColumn(url, name, under, bool(absent), missed >= SWEEPS_UNTIL_VANISHED)
            for url, name, under, absent, missed in self._database.execute(
                "SELECT url, name, found_under, absent, missed FROM columns ORDER BY id"
            )
        ]

    def column_is_complete(self, url: str) -> bool:
        """Whether a column was once walked to its end."""
        row = self._database.execute(
            "SELECT is_complete FROM columns WHERE key = ?", (location_key(url),)
        ).fetchone()
        return bool(row and row[0])

    def miss_column(self, url: str, *, in_sweep: bool) -> KnownColumn:
        """A found column did not answer as one; what is known of it now."""
        self._database.execute(
            "UPDATE columns SET absent = 1, missed = missed + ? WHERE key = ?",
            (in_sweep, location_key(url)),
        )
        return next(one for one in self.columns() if one.url == url)

    def is_walked(self, under: str) -> bool:
        """Whether columns were ever searched for from the page at `under`."""
        row = self._database.execute(
            "SELECT 1 FROM walked WHERE key = ?", (location_key(under),)
        ).fetchone()
        return row is not None


def _place_values(line: Line) -> Line:
    flags, shown = line[:6], line[6:]
    if not shown:
        return [*flags, *([None] * 7)]
    return [*flags, *shown[:3], orjson.dumps(shown[3]).decode(), *shown[4:]]


def _as_they_are(line: Line) -> Line:
    return line


_INSERTS: dict[str, tuple[str, Callable[[Line], Line]]] = {
    "frontier": ("INSERT INTO frontier (url) VALUES (?)", _as_they_are),
    "target": ("INSERT INTO targets (url, etag, last_modified) VALUES (?, ?, ?)", _as_they_are),
    "place": (
        "INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _place_values,
    ),
    "file": ("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?, 0)", _as_they_are),
    "column": (
        """INSERT INTO columns (key, url, name, found_under, absent, missed, is_complete)
           VALUES (?, ?, ?, ?, ?, ?, ?)""",
        lambda line: [location_key(line[0]), *line],
    ),
    "walked": ("INSERT OR IGNORE INTO walked VALUES (?)", _as_they_are),
}
