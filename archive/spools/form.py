"""The form of a spool: what its first and its last record are, for those who write and read it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from archive.errors import YangeError

FORMAT = "1"
"""Of the items; whoever reads a spool refuses one of another."""
ITEMS = "urn:yange:spool:items"
"""The address of a metadata record with items, in a JSON array."""
END = "urn:yange:spool:end"
"""The address of the last metadata record: how many bytes stand before it, their SHA-256, and how
many records with items."""


class SpoolHead(NamedTuple):
    """What a spool was made by.

    `after_run` is the id of the archive's last run when the order was written, `reader` the name of
    the reader that read the pages. `started_ms` is when the crawl began.
    """

    order_id: str
    portal: str
    mode: str
    job: str | None
    slot: str | None
    after_run: int
    reader: str
    started_ms: int


class SpoolRefusedError(YangeError):
    """A file that is no whole spool of this archive's; nothing of it was recorded."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the spool {path} {why}; nothing of it was recorded")
        self.path = path
