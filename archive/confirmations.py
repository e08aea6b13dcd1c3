"""Captures that saw nothing new, written in batches.

On most days almost every page is what it was. Such a capture makes no version, so nothing that was
reported is lost if the machine dies before it is written: the page is asked for again. Writing
fifty in one transaction instead of fifty leaves the crawl as fast as its fetching.
"""

from __future__ import annotations

from typing import NamedTuple

from archive.capture import Capture, Outcome
from archive.context import RunContext
from archive.database import transaction
from archive.instants import to_ms
from archive.locations import location_key, location_url
from archive.places import Status, unpack_attachments

_BATCH = 50

# A location whose every answer so far leaves nothing to decide: live, its document at no other
# place, what it showed read by the present reader.
_PLAIN = """
    SELECT locations.id, attachments, etag, last_modified FROM locations
    JOIN states ON states.id = state_id
    WHERE portal = ? AND key = ? AND status = ? AND gone_run IS NULL AND judged_by = ?
    AND NOT EXISTS (SELECT 1 FROM locations AS other
                    WHERE other.document_id = locations.document_id AND other.id <> locations.id)
"""


class _Confirmation(NamedTuple):
    location_id: int
    at_ms: int
    status: int | None
    etag: str | None
    last_modified: str | None
    spelling: str


class Confirmations:
    """The captures of one run that saw nothing new and are not yet written."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._waiting: list[_Confirmation] = []

    def take(self, capture: Capture) -> bool:
        """Take a capture if there is nothing to decide about it; whether it was taken."""
        if capture.moved_from:
            return False
        row = self._run.connection.execute(
            _PLAIN,
            (self._run.portal, location_key(capture.url), Status.LIVE, self._run.reader.name),
        ).fetchone()
        if row is None:
            return False
        location_id, attachments, etag, last_modified = row
        held = {one.url: one.sha256 for one in unpack_attachments(attachments)}
        for file in capture.attachments:
            if file.sha256 is not None and held.get(file.url) != file.sha256.hex():
                return False
        if capture.status != 304:
            etag = capture.headers.get("etag")
            last_modified = capture.headers.get("last-modified")
        self._waiting.append(
            _Confirmation(
                location_id,
                to_ms(capture.at),
                capture.status,
                etag,
                last_modified,
                location_url(capture.url),
            )
        )
        if len(self._waiting) >= _BATCH:
            self.write()
        return True

    def write(self) -> None:
        """Write what is waiting, in one transaction."""
        if not self._waiting:
            return
        with transaction(self._run.connection):
            self._run.connection.executemany(
                """INSERT INTO captures (run_id, location_id, at_ms, status, outcome)
                   VALUES (?, ?, ?, ?, ?)""",
                [
                    (self._run.run_id, one.location_id, one.at_ms, one.status, Outcome.UNCHANGED)
                    for one in self._waiting
                ],
            )
            self._run.connection.executemany(
                """UPDATE locations SET unchanged_visits = unchanged_visits + 1,
                   unchanged_ms = unchanged_ms + max(0, ? - last_seen_ms), misses = 0,
                   last_seen_ms = ?, last_asked_ms = ?, answered_run = ?,
                   etag = ?, last_modified = ?, answered_as = nullif(?, url) WHERE id = ?""",
                [
                    (
                        one.at_ms,
                        one.at_ms,
                        one.at_ms,
                        self._run.run_id,
                        one.etag,
                        one.last_modified,
                        one.spelling,
                        one.location_id,
                    )
                    for one in self._waiting
                ],
            )
        self._waiting.clear()
