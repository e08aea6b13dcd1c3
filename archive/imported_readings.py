"""The readings of an export, kept back until the pages are there that they are packed against.

In an export the rows of tables stand before the bytes. What nearly all of a reading says stands on
its page, so entered before it, each would take up as much as its text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import orjson

from archive import transfer
from archive.bodies import DamagedBodyError, read_body
from archive.canonical import canonical_json
from archive.storage import texts

_AT_A_TIME = 200


class WaitingReadings:
    """Rows of `readings` on their way into an archive, in a table that SQLite keeps for itself.

    All is done within the caller's transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("DROP TABLE IF EXISTS temp.waiting")
        connection.execute("CREATE TEMP TABLE waiting (id INTEGER PRIMARY KEY, row BLOB)")
        # The last reading entered of each location.
        connection.execute("DROP TABLE IF EXISTS temp.entered")
        connection.execute("CREATE TEMP TABLE entered (location INTEGER PRIMARY KEY, reading)")

    def add(self, rows: Iterable[transfer.Row]) -> None:
        """Keep rows back, as an export has them."""
        self._connection.executemany(
            "INSERT INTO temp.waiting VALUES (?, ?)",
            ((row["id"], texts.alone(orjson.dumps(row))) for row in rows),
        )

    def enter(self) -> None:
        """Enter all of them, in the order of their ids, packed as a crawl packs them."""
        last = -(1 << 63)
        while True:
            waiting = self._connection.execute(
                "SELECT id, row FROM temp.waiting WHERE id > ? ORDER BY id LIMIT ?",
                (last, _AT_A_TIME),
            ).fetchall()
            if not waiting:
                break
            rows = (self._packed(orjson.loads(texts.unpacked(data))) for _, data in waiting)
            transfer.insert(self._connection, "readings", rows)
            last = waiting[-1][0]
        self._connection.execute("DROP TABLE temp.waiting")
        self._connection.execute("DROP TABLE temp.entered")

    def _packed(self, row: transfer.Row) -> transfer.Row:
        if not transfer.packs_readings(self._connection):
            return row
        location = row["location_id"]
        former = self._connection.execute(
            "SELECT reading FROM temp.entered WHERE location = ?", (location,)
        ).fetchone()
        self._connection.execute(
            "INSERT OR REPLACE INTO temp.entered VALUES (?, ?)", (location, row["id"])
        )
        try:
            page = read_body(self._connection, row["body_id"])
        except DamagedBodyError:
            return row  # its bytes are missing, which is found where all is checked
        content = canonical_json(row["data"])
        stored = texts.store(self._connection, content, page, former[0] if former else None)
        return {**row, **stored._asdict()}
