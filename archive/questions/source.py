"""What every question is put to: an archive that is open for reading, and the zone of its times."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from datetime import tzinfo
from pathlib import Path
from typing import Any

from archive.database import translated_errors
from archive.instants import to_iso
from archive.readings import Readings

Row = dict[str, Any]

HIGHEST_ID = 2**63 - 1
"""No row has a higher one, and SQLite takes none."""


class Source:
    """An archive's file, a read-only connection to it, and the zone in which times are told.

    With `portal`, only documents of that portal go by a number or an address.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, zone: tzinfo, portal: str | None = None
    ) -> None:
        self.path = path
        self.connection = connection
        self.zone = zone
        self.portal = portal
        self.readings = Readings(connection)

    def asked(self) -> AbstractContextManager[None]:
        """Within it, what SQLite cannot read is an ArchiveUnusableError."""
        return translated_errors(self.path)

    def rows(
        self, query: str, values: tuple[object, ...] | dict[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.asked():
            return self.connection.execute(query, values).fetchall()

    def iso(self, ms: int | None) -> str | None:
        """An instant as it is shown."""
        return None if ms is None else to_iso(ms, self.zone)

    def address(self, location_id: int) -> str:
        """The address of a location."""
        return str(self.rows("SELECT url FROM locations WHERE id = ?", (location_id,))[0][0])
