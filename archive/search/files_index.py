"""The index of attachments' words: which of them have which terms, and which documents have them.

Apart from the words of pages, since an attachment is read later than its page, at its own pace and
once for all documents that link to it. Its bytes never change, so that a row is made once and never
replaced. How far that has come is noted when all up to there are in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple

from archive.attachments.formats import READERS
from archive.attachments.texts import AttachmentTexts
from archive.bodies import find_body
from archive.database import transaction
from archive.places import unpack_attachments
from archive.schema import SEARCH_FILE_TABLES
from archive.search.tables import make_anew
from archive.search.terms import FORMAT as TERMS_FORMAT
from archive.search.terms import terms_of

Progress = Callable[[int, int], None]

FORMAT = f"{TERMS_FORMAT}; {' '.join(sorted(READERS))}"
"""Another reader makes other texts of the same bytes, so the index is then made anew."""


class FilesReach(NamedTuple):
    """How far the index goes: up to these ids of versions and completions."""

    format: str
    version_id: int
    completion_id: int

    @property
    def is_current(self) -> bool:
        """Whether its terms are those that the present readers' texts have."""
        return self.format == FORMAT


class _Link(NamedTuple):
    document_id: int
    body_id: int
    sha256: bytes


_NOWHERE = FilesReach("", 0, 0)


def files_reach(connection: sqlite3.Connection) -> FilesReach:
    """How far the index goes; one of another format, or that claims to know too much, nowhere."""
    row = connection.execute(
        "SELECT format, version_id, completion_id FROM search_files_state"
    ).fetchone()
    found = FilesReach(*row) if row else _NOWHERE
    newest = _newest(connection)
    if not found.is_current or found.version_id > newest[0] or found.completion_id > newest[1]:
        return _NOWHERE
    return found


def files_behind(connection: sqlite3.Connection) -> int:
    """How many attachments the index does not know yet, each for every document that has it."""
    return len(_waiting(connection, files_reach(connection)))


def documents_with_unknown_files(connection: sqlite3.Connection) -> set[int]:
    """The documents with an attachment that the index does not know."""
    return {one.document_id for one in _waiting(connection, files_reach(connection))}


def catch_up_files(
    connection: sqlite3.Connection, texts: AttachmentTexts, progress: Progress
) -> None:
    """Read the attachments that nobody has read, and index them, one after another.

    `progress` is told how many are done, and how many there were to do. Where the time of `texts`
    is up, the rest is left for the next time.
    """
    if not files_reach(connection).is_current:
        with transaction(connection):
            if not files_reach(connection).is_current:
                throw_away_files(connection)
    done = files_reach(connection)
    newest = _newest(connection)
    waiting = _waiting(connection, done)
    for place, link in enumerate(waiting):
        progress(place, len(waiting))
        found = texts.get(link.sha256)
        if found is None and texts.is_out_of_time:
            return
        terms = " ".join(sorted(terms_of([found.text]))) if found is not None else ""
        with transaction(connection):
            if not files_reach(connection).is_current:
                return  # somebody else has begun anew
            _enter(connection, link, terms)
    with transaction(connection):
        if files_reach(connection) == done:
            _note(connection, FilesReach(FORMAT, *newest))
    if waiting:
        progress(len(waiting), len(waiting))


def throw_away_files(connection: sqlite3.Connection) -> None:
    """Make the index anew, and empty, within the caller's transaction, whatever is left of it."""
    make_anew(connection, SEARCH_FILE_TABLES)
    _note(connection, FilesReach(FORMAT, 0, 0))


def _waiting(connection: sqlite3.Connection, done: FilesReach) -> list[_Link]:
    """What is beyond the reach and not entered yet, the oldest bytes first."""
    links = {*_of_versions(connection, done.version_id)}
    for row in connection.execute(
        """SELECT versions.document_id, bodies.id, bodies.sha256
           FROM completions JOIN versions ON versions.id = version_id
           JOIN bodies ON bodies.id = completions.body_id WHERE completions.id > ?""",
        (done.completion_id,),
    ):
        links.add(_Link(*row))
    if done.is_current:
        links -= {one for one in links if _is_entered(connection, one)}
    return sorted(links, key=lambda one: (one.body_id, one.document_id))


def _of_versions(connection: sqlite3.Connection, version_id: int) -> Iterator[_Link]:
    """The attachments of versions beyond an id whose bytes are held."""
    rows = connection.execute(
        "SELECT document_id, attachments FROM versions WHERE id > ? AND attachments <> '[]'",
        (version_id,),
    )
    for document_id, attachments in rows.fetchall():
        for one in unpack_attachments(attachments):
            if one.sha256 is not None:
                sha256 = bytes.fromhex(one.sha256)
                body_id = find_body(connection, sha256)
                if body_id is not None:
                    yield _Link(document_id, body_id, sha256)


def _is_entered(connection: sqlite3.Connection, link: _Link) -> bool:
    return bool(
        connection.execute(
            "SELECT 1 FROM search_holders WHERE body_id = ? AND document_id = ?",
            (link.body_id, link.document_id),
        ).fetchone()
    )


def _enter(connection: sqlite3.Connection, link: _Link, terms: str) -> None:
    """Enter an attachment of a document; its words only with the first document that has it."""
    is_known = connection.execute(
        "SELECT 1 FROM search_holders WHERE body_id = ?", (link.body_id,)
    ).fetchone()
    if terms and not is_known:
        connection.execute(
            "INSERT INTO search_files (rowid, terms) VALUES (?, ?)", (link.body_id, terms)
        )
    connection.execute(
        "INSERT OR IGNORE INTO search_holders VALUES (?, ?)", (link.body_id, link.document_id)
    )


def _note(connection: sqlite3.Connection, done: FilesReach) -> None:
    connection.execute(
        """INSERT OR REPLACE INTO search_files_state
           VALUES (1, :format, :version_id, :completion_id)""",
        done._asdict(),
    )


def _newest(connection: sqlite3.Connection) -> tuple[int, int]:
    return tuple(
        connection.execute(
            """SELECT (SELECT coalesce(max(id), 0) FROM versions),
                      (SELECT coalesce(max(id), 0) FROM completions)"""
        ).fetchone()
    )
