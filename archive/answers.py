"""What an answer leaves behind at its location: a capture, the state shown, the row itself."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from archive.capture import Capture, Outcome
from archive.comparison import Attachment
from archive.context import RunContext
from archive.locations import location_url
from archive.places import Place, Status, pack_attachments

HEADERS_KEPT = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "location",
        "retry-after",
        "server",
    }
)
"""What is worth keeping of an answer's headers: what an archive's reader, a replay tool or a later
conditional request can use. Cookies and the like are nobody's business."""


class Answers:
    """Writes down the answers that one run gets, each within the caller's transaction."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    def add_capture(
        self,
        place: Place,
        outcome: Outcome,
        at_ms: int,
        *,
        capture: Capture | None = None,
        status: int | None = None,
        reason: str = "",
        body_id: int | None = None,
    ) -> int:
        """Enter one capture of a location; its id.

        Headers are kept where there are bytes that they belong to, or where nothing else is.
        """
        headers = None
        if capture is not None:
            status = capture.status
            if body_id is not None or outcome not in (Outcome.DOCUMENT, Outcome.UNCHANGED):
                kept = {k: v for k, v in capture.headers.items() if k in HEADERS_KEPT}
                headers = orjson.dumps(kept).decode() if kept else None
        return self._insert(
            """INSERT INTO captures
               (run_id, location_id, at_ms, status, outcome, reason, body_id, headers)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (self._run.run_id, place.id, at_ms, status, outcome, reason or None, body_id, headers),
        )

    def add_state(
        self,
        place: Place,
        capture_id: int,
        body_id: int,
        content_type: str,
        attachments: Iterable[Attachment],
    ) -> int:
        """Enter what a location shows from a capture on; the state's id."""
        return self._insert(
            """INSERT INTO states (location_id, capture_id, body_id, content_type, attachments)
               VALUES (?, ?, ?, ?, ?)""",
            (place.id, capture_id, body_id, content_type, pack_attachments(tuple(attachments))),
        )

    def good(
        self,
        place: Place,
        capture: Capture,
        at_ms: int,
        *,
        document_id: int,
        state_id: int,
        changed: bool,
        received: bytes | None,
    ) -> Place:
        """A location showed its document: its row says so; as it stands then.

        `received` is the SHA-256 of the bytes that the present reader found to be that state, None
        for an answer without bytes. A 304 need not repeat the validators that it confirms.
        """
        now = place._replace(
            document_id=document_id,
            status=Status.LIVE,
            answered_run=self._run.run_id,
            changed_run=self._run.run_id if changed else place.changed_run,
            gone_run=None,
            state_id=state_id,
            received_sha256=received or place.received_sha256,
            judged_by=self._run.reader.name if received else place.judged_by,
        )
        self._run.connection.execute(
            """UPDATE locations SET document_id = :document_id, status = :status,
               unchanged_visits = unchanged_visits + (last_seen_ms NOT NULL AND NOT :changed),
               unchanged_ms = unchanged_ms
                   + iif(:changed, 0, max(0, :at - coalesce(last_seen_ms, :at))),
               changed_visits = changed_visits + (last_seen_ms NOT NULL AND :changed),
               changed_ms = changed_ms
                   + iif(:changed, max(0, :at - coalesce(last_seen_ms, :at)), 0),
               misses = 0,
               last_seen_ms = :at, last_asked_ms = :at, answered_run = :answered_run,
               changed_run = :changed_run, gone_run = NULL, state_id = :state_id,
               received_sha256 = :received_sha256, judged_by = :judged_by,
               answered_as = nullif(:spelling, url),
               etag = iif(:is_304, coalesce(:etag, etag), :etag),
               last_modified = iif(:is_304, coalesce(:modified, last_modified), :modified)
               WHERE id = :id""",
            {
                **now._asdict(),
                "at": at_ms,
                "changed": changed,
                "spelling": location_url(capture.url),
                "is_304": capture.status == 304,
                "etag": capture.headers.get("etag"),
                "modified": capture.headers.get("last-modified"),
            },
        )
        return now

    def settled(self, place: Place, status: Status) -> None:
        """A location is known to be no document's: a page of another kind, or nothing at all."""
        self._run.connection.execute(
            "UPDATE locations SET status = ? WHERE id = ?", (status, place.id)
        )

    def missing(self, place: Place) -> None:
        """Nothing stands at a location of which nothing is known; from the second run on, it is
        gone (R9). Lists show a document before its page is there.
        """
        if place.gone_run is None:
            self._run.connection.execute(
                "UPDATE locations SET gone_run = ? WHERE id = ?", (self._run.run_id, place.id)
            )
        elif place.gone_run < self._run.run_id:
            self.settled(place, Status.GONE)
            self.leave_frontier([place.key])

    def asked(self, place: Place, at_ms: int) -> None:
        """A location was asked and gave no answer that says anything of its document."""
        self._run.connection.execute(
            "UPDATE locations SET last_asked_ms = ?, misses = misses + 1 WHERE id = ?",
            (at_ms, place.id),
        )

    def leads_on(self, place: Place, document_id: int, at_ms: int) -> None:
        """A location redirects to another one of its document; it is not asked again."""
        self._run.connection.execute(
            """UPDATE locations SET document_id = ?, status = ?, last_asked_ms = ?,
               gone_run = NULL WHERE id = ?""",
            (document_id, Status.MOVED, at_ms, place.id),
        )

    def leave_frontier(self, keys: Iterable[str]) -> bool:
        """Take locations off what is still to be fetched; whether one stood there as baseline."""
        baseline = False
        for key in keys:
            row = self._run.connection.execute(
                "DELETE FROM frontier WHERE portal = ? AND key = ? RETURNING baseline",
                (self._run.portal, key),
            ).fetchone()
            baseline = baseline or bool(row and row[0])
        return baseline

    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        cursor = self._run.connection.execute(statement, values)
        assert cursor.lastrowid is not None
        return cursor.lastrowid
