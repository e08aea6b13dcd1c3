"""Making the index's tables anew, whatever has become of those that are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

# What SQLite keeps such a table in (https://sqlite.org/fts5.html#fts5_data_structures).
_SHADOWS = ("data", "idx", "config")


def make_anew(connection: sqlite3.Connection, tables: Mapping[str, str]) -> None:
    """Replace tables by empty ones, within the caller's transaction: statements by their names."""
    for name, statement in tables.items():
        try:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        except sqlite3.DatabaseError:
            _mend(connection, name, statement)
            connection.execute(f"DROP TABLE {name}")
        for shadow in _SHADOWS:
            # Those of a table that was itself taken away are still there.
            connection.execute(f"DROP TABLE IF EXISTS {name}_{shadow}")
        connection.execute(statement)


def _mend(connection: sqlite3.Connection, name: str, statement: str) -> None:
    """Give a table of words what an empty one has inside, so that it can be opened, and dropped.

    SQLite opens such a table to drop it, which fails where its own tables are gone or emptied.
    """
    spare = f"{name}_spare"
    connection.execute(statement.replace(name, spare, 1))
    for shadow in _SHADOWS:
        (made,) = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE name = ?", (f"{spare}_{shadow}",)
        ).fetchone()
        connection.execute(f"DROP TABLE IF EXISTS {name}_{shadow}")
        connection.execute(str(made).replace(f"{spare}_{shadow}", f"{name}_{shadow}", 1))
        connection.execute(f"INSERT INTO {name}_{shadow} SELECT * FROM {spare}_{shadow}")
    connection.execute(f"DROP TABLE {spare}")
