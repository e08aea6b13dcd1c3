"""The index: which documents have which terms. Derived, and made again at will.

It is caught up with the versions in the order in which they were recorded, so how far it reaches is
one number. A document's row has the terms of its newest version, and marked ones for what only
former versions said. Nothing of a row can be read back out of it: to be replaced it is made again
from the versions that it was made of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import NamedTuple

from archive.database import transaction
from archive.readings import Readings
from archive.search.material import fields_of, versions_until
from archive.search.terms import FORMAT, FORMER, terms_of

Progress = Callable[[int, int], None]

# Few enough that another writer hardly notices, enough that the disk is not waited for all day.
_BATCH = 20

TITLE, NUMBERS = "title", "numbers"
"""The columns of `search_titles`."""
_COLUMN_OF = {"title": TITLE, "document_number": NUMBERS, "index_number": NUMBERS}


class Reach(NamedTuple):
    """How far the index goes: it knows the versions with ids up to `version_id`."""

    format: str
    version_id: int

    @property
    def is_current(self) -> bool:
        """Whether its terms are those that queries are made of now."""
        return self.format == FORMAT


class _Entry(NamedTuple):
    """A document's rows, as text: terms apart by spaces."""

    title: str
    numbers: str
    terms: str


def reach(connection: sqlite3.Connection) -> Reach:
    """How far the index goes."""
    return Reach(*connection.execute("SELECT format, version_id FROM search_state").fetchone())


def behind(connection: sqlite3.Connection) -> int:
    """How many versions the index does not know yet."""
    done = reach(connection)
    # Versions are never deleted, so their ids have no gaps.
    newest = connection.execute("SELECT coalesce(max(id), 0) FROM versions").fetchone()[0]
    return int(newest) - (done.version_id if done.is_current else 0)


def catch_up(connection: sqlite3.Connection, progress: Progress) -> None:
    """Bring the index up to the newest version, in short transactions.

    `progress` is told how many versions are done, and how many there were to do.
    """
    readings = Readings(connection)
    total = behind(connection)
    while _step(connection, readings):
        progress(total - behind(connection), total)


def throw_away(connection: sqlite3.Connection) -> None:
    """Empty the index, within the caller's transaction."""
    for table in ("search_titles", "search_terms"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    connection.execute("UPDATE search_state SET format = ?, version_id = 0", (FORMAT,))


def _step(connection: sqlite3.Connection, readings: Readings) -> bool:
    """One batch; whether there may be more to do."""
    done = reach(connection)
    if not done.is_current:
        with transaction(connection):
            if reach(connection) == done:
                throw_away(connection)
        return True
    new = connection.execute(
        "SELECT id, document_id FROM versions WHERE id > ? ORDER BY id LIMIT ?",
        (done.version_id, _BATCH),
    ).fetchall()
    if not new:
        return False
    last = new[-1][0]
    entries = [
        (
            document_id,
            _entry(connection, readings, document_id, done.version_id),
            _entry(connection, readings, document_id, last),
        )
        for document_id in sorted({document_id for _, document_id in new})
    ]
    with transaction(connection):
        if reach(connection) == done:  # nobody else was faster
            for document_id, old, fresh in entries:
                _delete(connection, document_id, old)
                _insert(connection, document_id, fresh)
            connection.execute("UPDATE search_state SET version_id = ?", (last,))
    return True


def _entry(
    connection: sqlite3.Connection, readings: Readings, document_id: int, version_id: int
) -> _Entry | None:
    """A document's rows as the versions up to that id make them; None before its first."""
    versions = versions_until(connection, document_id, version_id)
    if not versions:
        return None
    *former, newest = (fields_of(readings, version) for version in versions)

    def row(column: str | None) -> str:
        def terms(fields: list[tuple[str, str]]) -> set[str]:
            return terms_of(
                value for name, value in fields if column in (None, _COLUMN_OF.get(name))
            )

        standing = terms(newest)
        gone = set().union(*map(terms, former)) - standing
        return _joined([*standing, *(FORMER + term for term in gone)])

    return _Entry(row(TITLE), row(NUMBERS), row(None))


def _joined(terms: Iterable[str]) -> str:
    return " ".join(sorted(terms))


def _insert(connection: sqlite3.Connection, document_id: int, entry: _Entry | None) -> None:
    if entry is None:
        return
    connection.execute(
        "INSERT INTO search_titles (rowid, title, numbers) VALUES (?, ?, ?)",
        (document_id, entry.title, entry.numbers),
    )
    connection.execute(
        "INSERT INTO search_terms (rowid, terms) VALUES (?, ?)", (document_id, entry.terms)
    )


def _delete(connection: sqlite3.Connection, document_id: int, entry: _Entry | None) -> None:
    if entry is None:
        return
    connection.execute(
        """INSERT INTO search_titles (search_titles, rowid, title, numbers)
           VALUES ('delete', ?, ?, ?)""",
        (document_id, entry.title, entry.numbers),
    )
    connection.execute(
        "INSERT INTO search_terms (search_terms, rowid, terms) VALUES ('delete', ?, ?)",
        (document_id, entry.terms),
    )
