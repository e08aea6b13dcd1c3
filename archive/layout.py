"""Whether the file still has the tables, indexes and triggers that its schema gives it.

Rows can be whole while what guards them is gone: without its triggers the database refuses nothing
any more (R15), and without its indexes it answers late or doubly.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache

from archive.schema import migrate


def layout_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Name what the schema gives a file and this one lacks, or has otherwise.

    Tables and indexes that somebody has added are let be; a trigger could undo what is recorded.
    """
    stated, found = _stated(), _objects(connection)
    for (kind, name), text in stated.items():
        if (kind, name) not in found:
            yield f"schema: the {kind} {name} is missing"
        elif found[kind, name] != text:
            yield f"schema: the {kind} {name} is not as it was made"
        elif " USING fts5 " in text and (fault := _fault(connection, name)):
            yield f"schema: {name}, of the index of words, is damaged ({fault}); run yange reindex"
    for kind, name in found.keys() - stated.keys():
        if kind == "trigger":
            yield f"schema: the trigger {name} was added"
    taken = set(_steps(connection))
    for step in _stated_steps():
        if step not in taken:
            yield f"schema: it is not noted that the step {step} was taken"


def _fault(connection: sqlite3.Connection, name: str) -> str | None:
    """What SQLite says of a table of words that it cannot open and look into."""
    try:
        connection.execute(f"SELECT rowid FROM {name} WHERE {name} MATCH 'a' LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None


def _steps(connection: sqlite3.Connection) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = 'yange' AND name IS NOT NULL"
    )
    return tuple(name for (name,) in rows)


@cache
def _stated_steps() -> tuple[str, ...]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh)
        return _steps(fresh)


@cache
def _stated() -> Mapping[tuple[str, str], str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh)
        return _objects(fresh)


def _objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """What the file consists of: kind and name, and what it was made with."""
    # How the text of a table is kept after it has been altered differs between versions of SQLite,
    # so a table is told by its columns.
    rows = connection.execute(
        """SELECT type, name, CASE WHEN type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %' THEN
               (SELECT group_concat(one.name || ' ' || one.type || ' ' || one.pk, ', ')
                FROM pragma_table_info(sqlite_master.name) AS one)
               ELSE sql END
           FROM sqlite_master WHERE sql IS NOT NULL
           AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_sqlite_*'
           AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')"""
    )
    return {(kind, name): " ".join(text.split()) for kind, name, text in rows}
