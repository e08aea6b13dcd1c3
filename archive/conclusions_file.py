"""The file beside the archive for what is derived and costly: it may be deleted at any time.

Where it cannot be written, or is damaged, nothing is kept and everything is answered all the same,
only more slowly. Rows carry the name and version of what made them, so that none outlives it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_BUSY_SECONDS = 2.0


class ConclusionsFile:
    """One table in that file, made by `table`, its CREATE TABLE statement."""

    def __init__(self, archive: Path, table: str) -> None:
        self._path = archive.with_name(f"{archive.name}.conclusions")
        self._table = table

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query finds; nothing where there is no file, no table, or none to be read."""
        if not self._path.exists():
            return []
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)
            try:
                return connection.execute(query, values).fetchall()
            finally:
                connection.close()
        except sqlite3.Error:
            return []

    def write(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Carry out a statement for each of the rows, if that is possible."""
        rows = list(rows)
        try:
            self._write(statement, rows)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return  # read-only, full, or held by another process
            with suppress(OSError, sqlite3.Error):
                self._path.unlink()
                self._write(statement, rows)

    def _write(self, statement: str, rows: list[Sequence[object]]) -> None:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            # What is lost with the power is made again.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(self._table)
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
        finally:
            connection.close()
