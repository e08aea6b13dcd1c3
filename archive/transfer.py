"""The rows of an archive's tables as JSON, and back: how an archive travels in an export.

Every table travels as it is, ids included, since the ledger's hashes cover some of them. What is
left out can be made again: the encodings of bodies, whose bytes travel as such, and indexes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from archive.readings import as_json, pack_json

Row = dict[str, Any]

MADE_AGAIN = frozenset(
    {
        "_sqlite_migrations",
        "encodings",
        "search_state",
        "search_holders",
        "search_files_state",
    }
)
"""The tables that do not travel: the schema's own, and what follows from other things."""

_READING = ("readings", "data")
# How a reading is compressed is no part of it: in an export it stands as JSON.
_COMPRESSION = {("readings", name) for name in ("codec", "dictionary_id", "base_id")}


class UnknownRowError(ValueError):
    """A row that the schema has no place for."""


def tables(connection: sqlite3.Connection) -> list[str]:
    """The tables that travel, in the order in which they were made."""
    return [
        name
        for (name,) in connection.execute(
            """SELECT name FROM sqlite_master JOIN pragma_table_list USING (name)
               WHERE sqlite_master.type = 'table' AND pragma_table_list.type = 'table'
               AND schema = 'main' AND name NOT GLOB 'sqlite_*' ORDER BY sqlite_master.rowid"""
        )
        if name not in MADE_AGAIN
    ]


def schema_version(connection: sqlite3.Connection) -> int:
    """How many schema steps the file has taken."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def count(connection: sqlite3.Connection, table: str) -> int:
    """How many rows a table has."""
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def rows(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    """The rows of a table by its primary key; hashes in hexadecimal, readings as they read."""
    columns = _columns(connection, table)
    order = ", ".join(name for name, _, place in columns if place)
    for values in connection.execute(f"SELECT * FROM {table} ORDER BY {order}"):
        row = dict(zip((name for name, _, _ in columns), values, strict=True))
        if table == "readings":
            row["data"] = as_json(connection, row["id"])
        yield {
            name: value.hex() if isinstance(value, bytes) else value
            for name, value in row.items()
            if (table, name) not in _COMPRESSION
        }


def packs_readings(connection: sqlite3.Connection) -> bool:
    """Whether the file's schema knows readings that are compressed against something."""
    return any(name == "codec" for name, _, _ in _columns(connection, "readings"))


def insert(connection: sqlite3.Connection, table: str, several: Iterable[Row]) -> int:
    """Enter rows that `rows` gave, within the caller's transaction; how many there were.

    A reading may also come as it is to be stored, with the columns that say how.
    Raises UnknownRowError.
    """
    types = {name: kind for name, kind, _ in _columns(connection, table)}
    if table not in tables(connection):
        raise UnknownRowError(f"there is no table {table!r}")
    entered = 0
    for row in several:
        unknown = row.keys() - types.keys()
        if unknown:
            raise UnknownRowError(f"{table} has no column {min(unknown)!r}")
        values = [_in(table, name, types[name], value) for name, value in row.items()]
        connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", values
        )
        entered += 1
    return entered


def batches(several: Iterable[Row], most_bytes: int) -> Iterator[bytes]:
    """Rows as JSON arrays of about so many bytes each."""
    batch: list[bytes] = []
    size = 0
    for row in several:
        data = orjson.dumps(row)
        if batch and size + len(data) > most_bytes:
            yield b"[" + b",\n".join(batch) + b"]"
            batch, size = [], 0
        batch.append(data)
        size += len(data)
    if batch:
        yield b"[" + b",\n".join(batch) + b"]"


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str, int]]:
    """Name, type, and place in the primary key (0: none) of each column."""
    return [
        (name, kind, place)
        for _, name, kind, _, _, place in connection.execute(f"PRAGMA table_info({table})")
    ]


def _in(table: str, column: str, kind: str, value: object) -> object:
    if (table, column) == _READING:
        return value if isinstance(value, bytes) else pack_json(value)
    if kind != "BLOB" or value is None:
        return value
    if not isinstance(value, str):
        raise UnknownRowError(f"{table}.{column} is no hash")
    return bytes.fromhex(value)
