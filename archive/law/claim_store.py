"""Claims kept beside the archive, so that a text is read for them once.

The file may be deleted at any time and is made again. Where it cannot be written, or is damaged,
everything is answered all the same, only more slowly.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from archive.law.claim import Claim

_BUSY_SECONDS = 2.0
_TABLE = """CREATE TABLE IF NOT EXISTS claims (
    version BLOB PRIMARY KEY,
    reader TEXT NOT NULL,
    claims BLOB NOT NULL
) STRICT, WITHOUT ROWID"""

Claims = tuple[Claim, ...]


class ClaimStore:
    """The claims of versions by the versions' digests, as one reader read them."""

    def __init__(self, archive: Path, reader: str) -> None:
        self._path = archive.with_name(f"{archive.name}.conclusions")
        self._reader = reader

    def load(self) -> dict[bytes, Claims]:
        """All that is kept; nothing where there is no file, or none that can be read."""
        if not self._path.exists():
            return {}
        try:
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS
            )
            try:
                rows = connection.execute(
                    "SELECT version, claims FROM claims WHERE reader = ?", (self._reader,)
                ).fetchall()
                return {version: _unpack(claims) for version, claims in rows}
            finally:
                connection.close()
        except (sqlite3.Error, ValueError, TypeError):
            return {}

    def add(self, claims: Mapping[bytes, Sequence[Claim]]) -> None:
        """Keep more, if that is possible."""
        rows = [(version, self._reader, _pack(found)) for version, found in claims.items()]
        try:
            self._write(rows)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return  # read-only, full, or held by another process
            with suppress(OSError, sqlite3.Error):
                self._path.unlink()
                self._write(rows)

    def _write(self, rows: list[tuple[bytes, str, bytes]]) -> None:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            # What is lost with the power is read again.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
            connection.executemany("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")
        finally:
            connection.close()


def _pack(claims: Sequence[Claim]) -> bytes:
    return orjson.dumps([one.pack() for one in claims]) if claims else b""


def _unpack(data: bytes) -> Claims:
    return tuple(Claim.unpack(one) for one in orjson.loads(data)) if data else ()
