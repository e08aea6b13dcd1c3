"""The index: which documents have which terms. Derived, and made again at will.

It is caught up with the versions up to a certain one, document by document: however many of them a
document has got, its row is made once. How far that has come is noted with each batch. A row has
the terms of the document's newest version, and marked ones for what only former versions said.
Nothing of a row can be read back out of it: to be replaced it is made again from the versions that
it was made of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import NamedTuple

from archive.database import transaction
from archive.readings import Readings
from archive.schema import SEARCH_STATE, SEARCH_TABLES
from archive.search.files_index import throw_away_files
from archive.search.material import fields_of, versions_until
from archive.search.tables import make_anew
from archive.search.terms import FORMAT, FORMER, terms_of

Progress = Callable[[int, int], None]

# Few enough that another writer hardly notices, enough that the disk is not waited for all day.
_BATCH = 20

TITLE, NUMBERS = "title", "numbers"
"""The columns of `search_titles`."""
_COLUMN_OF = {"title": TITLE, "document_number": NUMBERS, "index_number": NUMBERS}


class Reach(NamedTuple):
    """How far the index goes: it knows the versions with ids up to `version_id`.

    While it is caught up with those up to `towards`, it knows them of the documents with ids up to
    `document_id` already.
    """

    format: str
    version_id: int
    towards: int | None
    document_id: int

    @property
    def is_current(self) -> bool:
        """Whether its terms are those that queries are made of now."""
        return self.format == FORMAT


# Of an index of which nothing is known.
_NOWHERE = Reach("", 0, None, 0)


class _Entry(NamedTuple):
    """A document's rows, as text: terms apart by spaces."""

    title: str
    numbers: str
    terms: str


def reach(connection: sqlite3.Connection) -> Reach:
    """How far the index goes; one that claims to know what there is not knows nothing."""
    row = connection.execute(
        "SELECT format, version_id, towards, document_id FROM search_state"
    ).fetchone()
    found = Reach(*row) if row else _NOWHERE
    return found if max(found.version_id, found.towards or 0) <= _newest(connection) else _NOWHERE


def behind(connection: sqlite3.Connection) -> int:
    """How many versions the index does not know yet."""
    done = reach(connection)
    # Versions are never deleted, so their ids have no gaps.
    return _newest(connection) - (done.version_id if done.is_current else 0)


def unknown_documents(connection: sqlite3.Connection, done: Reach) -> list[int]:
    """The documents with versions that the index does not know, in the order of their ids."""
    # The plus keeps SQLite from going through all documents in the order of their ids.
    rows = connection.execute(
        """SELECT DISTINCT +document_id FROM versions WHERE id > :version_id
           AND (+document_id > :document_id OR id > coalesce(:towards, 0)) ORDER BY 1""",
        done._asdict(),
    )
    return [document_id for (document_id,) in rows]


def catch_up(connection: sqlite3.Connection, progress: Progress) -> None:
    """Bring the index up to the newest version, in short transactions.

    `progress` is told about how many versions are done, and how many there were to do.
    """
    readings = Readings(connection)
    total = behind(connection)
    while behind(connection):
        done = _begun(connection)
        waiting = unknown_documents(connection, done)
        for first in range(0, len(waiting), _BATCH):
            batch = waiting[first : first + _BATCH]
            if not _take(connection, readings, done, batch):
                break  # somebody else goes on with it
            done = done._replace(document_id=batch[-1])
            progress(total * (first + len(batch)) // len(waiting), total)
        else:
            with transaction(connection):
                if reach(connection) == done:
                    _note(connection, Reach(FORMAT, done.towards or 0, None, 0))


def throw_away(connection: sqlite3.Connection) -> None:
    """Make the index anew, and empty, within the caller's transaction, whatever is left of it."""
    make_anew(connection, {**SEARCH_TABLES, "search_state": SEARCH_STATE})
    _note(connection, Reach(FORMAT, 0, None, 0))


def throw_away_all(connection: sqlite3.Connection) -> None:
    """The same, and with it the index of attachments' words."""
    throw_away(connection)
    throw_away_files(connection)


def _begun(connection: sqlite3.Connection) -> Reach:
    """Where to go on: a new aim is set where none is; an index of another format is thrown away."""
    with transaction(connection):
        if not reach(connection).is_current:
            throw_away(connection)
        done = reach(connection)
        if done.towards is None:
            done = done._replace(towards=_newest(connection), document_id=0)
            _note(connection, done)
    return done


def _take(
    connection: sqlite3.Connection, readings: Readings, done: Reach, documents: list[int]
) -> bool:
    """Bring these documents up to where the index goes; whether nobody else was faster."""
    assert done.towards is not None
    entries = [
        (
            document_id,
            _entry(connection, readings, document_id, done.version_id),
            _entry(connection, readings, document_id, done.towards),
        )
        for document_id in documents
    ]
    with transaction(connection):
        if reach(connection) != done:
            return False
        for document_id, old, fresh in entries:
            _delete(connection, document_id, old)
            _insert(connection, document_id, fresh)
        _note(connection, done._replace(document_id=documents[-1]))
    return True


def _note(connection: sqlite3.Connection, done: Reach) -> None:
    connection.execute(
        """INSERT OR REPLACE INTO search_state (id, format, version_id, towards, document_id)
           VALUES (1, :format, :version_id, :towards, :document_id)""",
        done._asdict(),
    )


def _newest(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM versions").fetchone()[0])


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
