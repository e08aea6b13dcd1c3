"""Recording one capture: identity, comparison, version, changes and ledger in one transaction.

This is the order of events; each decision is made in a room of its own: `identity` (which
document), `comparison` (what differs), `versions` (a version is born), `copies` (whether two
locations disagree), `withdrawal` (whether a document is gone).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from archive.bodies import encode, keep_body
from archive.candidates import Candidates
from archive.canonical import sha256
from archive.capture import Capture, Hop, KeptFile, Outcome
from archive.comparison import (
    Attachment,
    Difference,
    Kind,
    State,
    compare,
    not_yet_known,
    with_known_bytes,
)
from archive.copies import adopt_survivor, judge_copies
from archive.identity import (
    Decision,
    FurtherLocation,
    NewDocument,
    Page,
    SameDocument,
    Suspect,
    identify,
    pages_agree,
)
from archive.instants import to_ms
from archive.places import (
    Place,
    Status,
    find_place,
    pack_attachments,
    place_at,
    places_of,
    shown_at,
    state_at,
    state_of,
)
from archive.reading import Reader
from archive.readings import Page as StoredPage
from archive.readings import Readings, StoredReading
from archive.standing import version_state
from archive.versions import (
    Birth,
    add_event,
    add_version,
    current_version,
    note_number,
)
from archive.withdrawal import restore_if_withdrawn

# What is worth keeping of an answer's headers: what an archive's reader, a replay tool or a later
# conditional request can use. Cookies and the like are nobody's business.
_HEADERS_KEPT = frozenset(
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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a capture: how it counts in the run, and what it brought about.

    `outcome` can differ from the capture's own: a page that passes for a document is suspect where
    another document is known to stand. `version` is the number of the version that was made.
    """

    outcome: Outcome
    reason: str = ""
    version: int | None = None
    problems: tuple[str, ...] = ()


class Recorder:
    """Records the captures of one run into one archive, each in the caller's transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        readings: Readings,
        reader: Reader,
        portal: str,
        run_id: int,
    ) -> None:
        self._connection = connection
        self._readings = readings
        self._reader = reader
        self._portal = portal
        self._run_id = run_id
        self._candidates = Candidates(connection, readings, reader, portal)

    def record(self, capture: Capture) -> Recorded:
        """Record a capture."""
        at_ms = to_ms(capture.at)
        place = place_at(self._connection, self._portal, capture.url, at_ms)
        match capture.outcome:
            case Outcome.DOCUMENT:
                return self._document(capture, place, at_ms)
            case Outcome.UNCHANGED:
                return self._unchanged(capture, place, at_ms)
            case Outcome.MOVED:
                return self._leads_elsewhere(capture, place, at_ms)
            case Outcome.OTHER if place.document_id is None:
                self._settle(place, Status.OTHER)
            case Outcome.OTHER:
                reason = f"no longer a document: {capture.reason}"
                return self._evidence(capture, Outcome.SUSPECT, reason, place, at_ms)
            case Outcome.GONE if place.document_id is None:
                self._settle(place, Status.GONE)
            case _:
                pass
        return self._evidence(capture, capture.outcome, capture.reason, place, at_ms)

    # --- pages that are the document ----------------------------------------------------------

    def _document(self, capture: Capture, place: Place, at_ms: int) -> Recorded:
        reading = capture.reading
        assert reading is not None
        assert capture.body is not None
        digest = sha256(capture.body)
        moved_from = self._redirecting(capture, place)
        number = reading.fields.index_number
        here = self._candidates.at(place)
        is_new_number = here is None or here.page.number != number
        decision = identify(
            Page(number, reading.fields.title, reading.text, reading.has_metadata),
            here=here,
            moved_from=self._candidates.at(moved_from),
            same_number=self._candidates.by_number(number, place) if is_new_number else [],
            same_serial=self._candidates.by_serial(number, place) if is_new_number else [],
        )
        if isinstance(decision, Suspect):
            return self._evidence(capture, Outcome.SUSPECT, decision.reason, place, at_ms)
        baseline = self._leave_frontier(place, capture.moved_from)
        before = self._state_before(place, decision, moved_from)
        state = self._state_now(capture, before)
        differences = compare(before, state) if before is not None else []
        # Files moved to new addresses are no change, but these bytes are what the addresses are
        # read from: they become the location's state in place of the old ones.
        if (
            before is not None
            and place.state_id is not None
            and not differences
            and {one.url for one in before.attachments} == {one.url for one in state.attachments}
        ):
            return self._confirmed(capture, place, state, digest, at_ms)

        body_id = keep_body(self._connection, encode(capture.body, digest))
        changed = place.state_id is None or bool(differences)
        outcome = Outcome.DOCUMENT if changed else Outcome.UNCHANGED
        capture_id = self._add_capture(capture, place, outcome, "", body_id, at_ms)
        content_type = capture.headers.get("content-type", "")
        stored = StoredReading(
            self._readings.add(
                StoredPage(body_id, place.id, place.url, content_type), reading, self._reader
            ),
            reading,
        )
        birth = Birth(self._run_id, capture_id, at_ms, baseline)
        document_id = self._document_of(decision, at_ms)
        self._answered(place, document_id, at_ms, changed=changed)
        self._set_state(place, capture_id, body_id, content_type, state, digest)
        self._moved(capture, document_id, place, at_ms)
        place = self._again(place)
        version = self._version_of(
            decision, document_id, place, digest, stored, state, differences, birth
        )
        note_number(self._connection, document_id, number)
        self._events_of(decision, document_id, place, birth)
        restore_if_withdrawn(self._connection, place, birth)
        judge_copies(self._connection, self._readings, self._reader, self._again(place), birth)
        return Recorded(outcome, version=version, problems=reading.problems)

    def _version_of(
        self,
        decision: Decision,
        document_id: int,
        place: Place,
        body_sha256: bytes,
        stored: StoredReading,
        state: State,
        differences: list[Difference],
        birth: Birth,
    ) -> int | None:
        """Make the version that a decision and what differs call for, if any; its number."""
        if isinstance(decision, NewDocument):
            differences = [Difference(Kind.CREATED, None, None, None)]
        else:
            current = self._current_state(document_id)
            differences = not_yet_known(differences, current, state)
        if not differences:
            return None
        return add_version(
            self._connection,
            document_id=document_id,
            place=place,
            body_sha256=body_sha256,
            reading=stored,
            state=state,
            differences=differences,
            birth=birth,
        )

    def _events_of(self, decision: Decision, document_id: int, place: Place, birth: Birth) -> None:
        if isinstance(decision, FurtherLocation):
            event = Difference(Kind.RELOCATED, None, None, place.url)
            add_event(self._connection, document_id, place, event, birth)
            return
        if isinstance(decision, SameDocument | NewDocument):
            for other in decision.collides_with:
                event = Difference(Kind.COLLISION, None, self._address_of(other), place.url)
                add_event(self._connection, document_id, place, event, birth)
        if isinstance(decision, SameDocument) and decision.twin is not None:
            self._merge(document_id, decision.twin, birth)

    def _merge(self, document_id: int, twin: int, birth: Birth) -> None:
        """Two documents turned out to be one: the later becomes further locations of the earlier.

        Its versions and changes stay as they were recorded; only what it is asked for under leads
        to the other one from now on.
        """
        kept, merged = sorted((document_id, twin))
        execute = self._connection.execute
        further = places_of(self._connection, merged)
        execute("UPDATE locations SET document_id = ? WHERE document_id = ?", (kept, merged))
        execute("UPDATE documents SET merged_into = ? WHERE merged_into = ?", (kept, merged))
        execute("UPDATE documents SET merged_into = ? WHERE id = ?", (kept, merged))
        for table in ("document_numbers", "serials"):
            column = "number" if table == "document_numbers" else "serial"
            execute(
                f"""INSERT OR IGNORE INTO {table} ({column}, document_id)
                    SELECT {column}, ? FROM {table} WHERE document_id = ?""",
                (kept, merged),
            )
        for location in further:
            if location.status in (Status.LIVE, Status.GONE):
                event = Difference(Kind.RELOCATED, None, None, location.url)
                add_event(self._connection, kept, location, event, birth)

    # --- pages that are what they were --------------------------------------------------------

    def _unchanged(self, capture: Capture, place: Place, at_ms: int) -> Recorded:
        """The bytes are those of the last good capture; attachments can still have changed."""
        if place.document_id is None or place.state_id is None:
            reason = "said to be unchanged, but nothing is known of it"
            return self._evidence(capture, Outcome.SUSPECT, reason, place, at_ms)
        shown = shown_at(self._connection, place.state_id)
        page = StoredPage(shown.body_id, place.id, place.url, shown.content_type)
        stored = self._readings.by(self._reader, page)
        before = state_of(stored.reading, shown.attachments)
        state = self._with_files(capture, before)
        differences = compare(before, state)
        if not differences:
            return self._confirmed(capture, place, state, None, at_ms)
        body_sha256 = self._connection.execute(
            "SELECT sha256 FROM bodies WHERE id = ?", (shown.body_id,)
        ).fetchone()[0]
        capture_id = self._add_capture(capture, place, Outcome.DOCUMENT, "", shown.body_id, at_ms)
        birth = Birth(self._run_id, capture_id, at_ms, baseline=False)
        self._answered(place, place.document_id, at_ms, changed=True)
        self._set_state(
            place, capture_id, shown.body_id, shown.content_type, state, place.received_sha256
        )
        version = self._version_of(
            SameDocument(place.document_id),
            place.document_id,
            place,
            body_sha256,
            stored,
            state,
            differences,
            birth,
        )
        restore_if_withdrawn(self._connection, place, birth)
        judge_copies(self._connection, self._readings, self._reader, self._again(place), birth)
        return Recorded(Outcome.DOCUMENT, version=version)

    def _confirmed(
        self, capture: Capture, place: Place, state: State, digest: bytes | None, at_ms: int
    ) -> Recorded:
        """The document did not change, whatever else on the page did."""
        assert place.document_id is not None
        assert place.state_id is not None
        capture_id = self._add_capture(capture, place, Outcome.UNCHANGED, "", None, at_ms)
        birth = Birth(self._run_id, capture_id, at_ms, baseline=False)
        self._answered(place, place.document_id, at_ms, changed=False)
        if digest is not None:
            self._connection.execute(
                "UPDATE locations SET received_sha256 = ?, judged_by = ? WHERE id = ?",
                (digest, self._reader.name, place.id),
            )
        self._complete(place, state, birth)
        restore_if_withdrawn(self._connection, place, birth)
        judge_copies(self._connection, self._readings, self._reader, self._again(place), birth)
        return Recorded(Outcome.UNCHANGED)

    def _complete(self, place: Place, state: State, birth: Birth) -> None:
        """Bytes of attachments that arrived late complete the version without a change (R6)."""
        assert place.document_id is not None
        assert place.state_id is not None
        shown = shown_at(self._connection, place.state_id)
        if state.attachments == shown.attachments:
            return
        self._set_state(
            place,
            shown.capture_id,
            shown.body_id,
            shown.content_type,
            state,
            place.received_sha256,
        )
        version = current_version(self._connection, place.document_id)
        missing = {one.url for one in version.attachments if one.sha256 is None}
        for one in state.attachments:
            if one.url in missing and one.sha256 is not None:
                self._connection.execute(
                    """INSERT INTO completions
                       SELECT ?, ?, bodies.id, ?, ?, ? FROM bodies WHERE sha256 = ?
                       AND NOT EXISTS (SELECT 1 FROM completions WHERE version_id = ? AND url = ?)
                    """,
                    (
                        version.id,
                        one.url,
                        one.media_type,
                        birth.run_id,
                        birth.at_ms,
                        bytes.fromhex(one.sha256),
                        version.id,
                        one.url,
                    ),
                )

    # --- pages that are not the document ------------------------------------------------------

    def _evidence(
        self,
        capture: Capture,
        outcome: Outcome,
        reason: str,
        place: Place,
        at_ms: int,
    ) -> Recorded:
        """A capture that says nothing about any document; odd bytes are kept as evidence (R10)."""
        body_id = None
        if capture.body and outcome in (Outcome.BLOCKED, Outcome.SUSPECT):
            body_id = keep_body(self._connection, encode(capture.body))
        self._add_capture(capture, place, outcome, reason, body_id, at_ms)
        self._connection.execute(
            "UPDATE locations SET last_asked_ms = ? WHERE id = ?", (at_ms, place.id)
        )
        if outcome in (Outcome.OTHER, Outcome.GONE):
            self._leave_frontier(place, ())
        return Recorded(outcome, reason)

    def _leads_elsewhere(self, capture: Capture, place: Place, at_ms: int) -> Recorded:
        """A location redirects to one that the run had met on its own."""
        assert capture.moved_to is not None
        target = find_place(self._connection, self._portal, capture.moved_to)
        recorded = self._evidence(capture, Outcome.MOVED, capture.reason, place, at_ms)
        if target is None or target.document_id is None:
            return recorded
        known = place.document_id
        if known not in (None, target.document_id):
            here, there = self._candidates.at(place), self._candidates.at(target)
            if here is None or there is None or not pages_agree(here.page, there.page):
                return Recorded(Outcome.SUSPECT, "redirects to another document")
        self._leave_frontier(place, ())
        self._connection.execute(
            "UPDATE locations SET document_id = ?, status = ?, gone_run = NULL WHERE id = ?",
            (known or target.document_id, Status.MOVED, place.id),
        )
        if known is not None:
            birth = Birth(self._run_id, self._last_capture(), at_ms, baseline=False)
            if known != target.document_id:
                self._merge(known, target.document_id, birth)
            standing = min(known, target.document_id)
            adopt_survivor(self._connection, self._readings, self._reader, standing, birth)
        return recorded

    def _last_capture(self) -> int:
        row = self._connection.execute("SELECT max(id) FROM captures").fetchone()
        return int(row[0])

    def _settle(self, place: Place, status: Status) -> None:
        self._connection.execute("UPDATE locations SET status = ? WHERE id = ?", (status, place.id))

    # --- the pieces ---------------------------------------------------------------------------

    def _redirecting(self, capture: Capture, place: Place) -> Place | None:
        """The known location, if any, whose document now answers at `place`."""
        for url, _ in capture.moved_from:
            source = find_place(self._connection, self._portal, url)
            if source is not None and source.id != place.id and source.document_id is not None:
                return source
        return None

    def _state_before(
        self, place: Place, decision: Decision, moved_from: Place | None
    ) -> State | None:
        """What to compare with: the location's own last state (R7).

        A redirect hands on what it led away from: a document that was moved and amended on one
        day is not new at its new address.
        """
        if place.document_id is not None and place.state_id is not None:
            return state_at(self._connection, self._readings, self._reader, place)
        if (
            isinstance(decision, FurtherLocation)
            and moved_from is not None
            and moved_from.document_id == decision.document
            and moved_from.state_id is not None
        ):
            return state_at(self._connection, self._readings, self._reader, moved_from)
        return None

    def _state_now(self, capture: Capture, before: State | None) -> State:
        assert capture.reading is not None
        state = self._with_files(capture, state_of(capture.reading, ()))
        if before is None:
            return state
        known = with_known_bytes(state.attachments, before.attachments)
        return State(state.fields, state.text, known)

    @staticmethod
    def _with_files(capture: Capture, state: State) -> State:
        """A state with the attachments' bytes as this capture found them."""
        files: dict[str, KeptFile] = {one.url: one for one in capture.attachments}
        attachments = []
        for one in state.attachments:
            kept = files.get(one.url)
            if kept is not None and kept.sha256 is not None:
                attachments.append(
                    Attachment(one.name, one.url, kept.sha256.hex(), kept.size, kept.media_type)
                )
            else:
                attachments.append(one)
        return State(state.fields, state.text, tuple(attachments))

    def _current_state(self, document_id: int) -> State:
        version = current_version(self._connection, document_id)
        return version_state(self._connection, self._readings, self._reader, version)

    def _document_of(self, decision: Decision, at_ms: int) -> int:
        if isinstance(decision, SameDocument | FurtherLocation):
            return decision.document
        cursor = self._connection.execute(
            "INSERT INTO documents (portal, first_seen_ms) VALUES (?, ?)", (self._portal, at_ms)
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _address_of(self, document_id: int) -> str:
        return places_of(self._connection, document_id)[0].url

    def _answered(self, place: Place, document_id: int, at_ms: int, *, changed: bool) -> None:
        changed_run = self._run_id if changed else place.changed_run
        self._connection.execute(
            """UPDATE locations SET document_id = ?, status = ?, last_seen_ms = ?,
               last_asked_ms = ?, answered_run = ?, changed_run = ?, gone_run = NULL
               WHERE id = ?""",
            (document_id, Status.LIVE, at_ms, at_ms, self._run_id, changed_run, place.id),
        )

    def _set_state(
        self,
        place: Place,
        capture_id: int,
        body_id: int,
        content_type: str,
        state: State,
        received_sha256: bytes | None,
    ) -> None:
        cursor = self._connection.execute(
            """INSERT INTO states (location_id, capture_id, body_id, content_type, attachments)
               VALUES (?, ?, ?, ?, ?)""",
            (place.id, capture_id, body_id, content_type, pack_attachments(state.attachments)),
        )
        self._connection.execute(
            "UPDATE locations SET state_id = ?, received_sha256 = ?, judged_by = ? WHERE id = ?",
            (cursor.lastrowid, received_sha256, self._reader.name, place.id),
        )

    def _moved(self, capture: Capture, document_id: int, target: Place, at_ms: int) -> None:
        """The locations that redirected here lead to the document; they are not asked again."""
        for url, status in capture.moved_from:
            source = place_at(self._connection, self._portal, url, at_ms)
            if source.id == target.id or source.document_id not in (None, document_id):
                continue
            self._connection.execute(
                """INSERT INTO captures (run_id, location_id, at_ms, status, outcome)
                   VALUES (?, ?, ?, ?, ?)""",
                (self._run_id, source.id, at_ms, status, Outcome.MOVED),
            )
            self._connection.execute(
                """UPDATE locations SET document_id = ?, status = ?, last_asked_ms = ?,
                   gone_run = NULL WHERE id = ?""",
                (document_id, Status.MOVED, at_ms, source.id),
            )

    def _leave_frontier(self, place: Place, moved_from: Sequence[Hop]) -> bool:
        """Take what was fetched off the list of what is to be fetched; whether it was baseline."""
        sources = [find_place(self._connection, self._portal, url) for url, _ in moved_from]
        baseline = False
        for one in (place, *(source for source in sources if source is not None)):
            row = self._connection.execute(
                "DELETE FROM frontier WHERE portal = ? AND key = ? RETURNING baseline",
                (self._portal, one.key),
            ).fetchone()
            baseline = baseline or bool(row and row[0])
        return baseline

    def _add_capture(
        self,
        capture: Capture,
        place: Place,
        outcome: Outcome,
        reason: str,
        body_id: int | None,
        at_ms: int,
    ) -> int:
        headers = None
        if body_id is not None or outcome not in (Outcome.DOCUMENT, Outcome.UNCHANGED):
            kept = {k: v for k, v in capture.headers.items() if k in _HEADERS_KEPT}
            headers = orjson.dumps(kept).decode() if kept else None
        cursor = self._connection.execute(
            """INSERT INTO captures
               (run_id, location_id, at_ms, status, outcome, reason, body_id, headers)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                self._run_id,
                place.id,
                at_ms,
                capture.status,
                outcome,
                reason or None,
                body_id,
                headers,
            ),
        )
        if outcome in (Outcome.DOCUMENT, Outcome.UNCHANGED) and capture.headers:
            self._connection.execute(
                # A 304 need not repeat the validators that it confirms.
                """UPDATE locations SET etag = iif(:status = 304, coalesce(:etag, etag), :etag),
                   last_modified = iif(:status = 304, coalesce(:modified, last_modified), :modified)
                   WHERE id = :id""",
                {
                    "status": capture.status,
                    "etag": capture.headers.get("etag"),
                    "modified": capture.headers.get("last-modified"),
                    "id": place.id,
                },
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _again(self, place: Place) -> Place:
        known = find_place(self._connection, place.portal, place.url)
        assert known is not None
        return known
