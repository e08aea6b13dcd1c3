"""What all that is recorded in one run has in common."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from archive.reading import Reader
from archive.readings import Page, Readings, StoredReading


class RunContext(NamedTuple):
    """A run of one portal: the connection that it writes through, and the reader whose words its
    pages are compared in (R12).

    What is handed one writes within the caller's transaction.
    """

    connection: sqlite3.Connection
    readings: Readings
    reader: Reader
    portal: str
    run_id: int

    def read(self, page: Page) -> StoredReading:
        """A stored page in the words of the run's reader. Raises DamagedBodyError."""
        return self.readings.by(self.reader, page)
