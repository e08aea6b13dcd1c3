"""Recording one capture: identity, comparison, version, changes and ledger in one transaction.

This is the order of events; each decision is made in a room of its own: `identity` (which
document), `plausibility` (whether it can be), `comparison` (what differs), `versions` (a version
is born), `copies` (whether two locations disagree), `withdrawal` (whether a document is gone).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from archive.acceptance import accepted_before
from archive.answers import Answers
from archive.candidates import Candidates
from archive.canonical import sha256
from archive.capture import Capture, KeptFile, Outcome
from archive.comparison import (
    Attachment,
    Difference,
    Kind,
    State,
    compare,
    not_yet_known,
    with_known_bytes,
)
from archive.copies import judge_copies
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
from archive.locations import location_key
from archive.moves import Moves
from archive.places import (
    Place,
    Status,
    place_at,
    places_of,
    shown_at,
    state_at,
    state_of,
)
from archive.plausibility import doubt
from archive.reading import Reader, Reading
from archive.readings import Page as StoredPage
from archive.readings import Readings, StoredReading
from archive.standing import complete_version, version_state
from archive.storage.packing import Packer
from archive.versions import (
    Birth,
    add_event,
    add_version,
    current_version,
    note_number,
)
from archive.withdrawal import restore_if_withdrawn


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a capture: how it counts in the run, and what it brought about.

    `outcome` can differ from the capture's own: a page that passes for a document is suspect where
    another document is known to stand. `version` is the number of the version that was made,
    `evidence` the id of the capture that keeps the bytes of a blocked or suspect page.
    """

    outcome: Outcome
    reason: str = ""
    version: int | None = None
    problems: tuple[str, ...] = ()
    evidence: int | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a location shows of its document: the stored page, what is read of it, and the state
    that this and its attachments make.

    `received` is the SHA-256 of the page if it came with the answer.
    """

    page: StoredPage
    body_sha256: bytes
    reading: StoredReading
    state: State
    received: bytes | None

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, where it was received now."""
        return self.reading.reading.problems if self.received is not None else ()


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
        self._packer = Packer(connection, portal)
        self._candidates = Candidates(connection, readings, reader, portal)
        self._answers = Answers(connection, portal=portal, run_id=run_id, reader_name=reader.name)
        self._moves = Moves(
            connection,
            readings=readings,
            reader=reader,
            portal=portal,
            answers=self._answers,
            candidates=self._candidates,
        )

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
                reason = self._moves.leads_elsewhere(capture, place, at_ms, self._run_id)
                return Recorded(Outcome.SUSPECT if reason else Outcome.MOVED, reason)
            case Outcome.OTHER if place.document_id is None:
                self._answers.settled(place, Status.OTHER)
            case Outcome.OTHER:
                reason = f"no longer a document: {capture.reason}"
                return self._odd(capture, Outcome.SUSPECT, reason, place, at_ms)
            case Outcome.BLOCKED | Outcome.SUSPECT:
                return self._odd(capture, capture.outcome, capture.reason, place, at_ms)
            case Outcome.GONE if place.document_id is None:
                self._answers.missing(place)
            case _:
                pass
        return self._evidence(capture, capture.outcome, capture.reason, place, at_ms)

    def record_accepted(self, capture: Capture, accepted_ms: int) -> Recorded:
        """Record a capture that was kept as evidence and that a person found to be the document.

        `accepted_ms` is when the person said so.
        """
        at_ms = to_ms(capture.at)
        place = place_at(self._connection, self._portal, capture.url, at_ms)
        return self._document(capture, place, at_ms, accepted_ms)

    # --- pages that are the document ----------------------------------------------------------

    def _document(
        self, capture: Capture, place: Place, at_ms: int, accepted_ms: int | None = None
    ) -> Recorded:
        reading = capture.reading
        assert reading is not None
        assert capture.body is not None
        digest = sha256(capture.body)
        moved_from = self._moves.source_of(capture, place)
        number = reading.fields.index_number
        here = self._candidates.at(place)
        is_new_number = here is None or here.page.number != number
        decision = identify(
            Page(number, reading.fields.title, reading.text, reading.has_metadata),
            here=here,
            moved_from=self._candidates.at(moved_from),
            same_number=self._candidates.by_number(number, place) if is_new_number else [],
            same_serial=self._candidates.by_serial(number, place) if is_new_number else [],
            accepted=accepted_ms is not None,
        )
        if isinstance(decision, Suspect):
            return self._evidence(capture, Outcome.SUSPECT, decision.reason, place, at_ms)
        before = self._state_before(place, decision, moved_from)
        state = self._state_now(capture, before)
        if before is not None and accepted_ms is None:
            reason = doubt(before, state)
            if reason is not None:
                return self._evidence(capture, Outcome.SUSPECT, reason, place, at_ms)
        baseline = self._answers.leave_frontier(
            [place.key, *(location_key(url) for url, _ in capture.moved_from)]
        )
        differences = compare(before, state) if before is not None else []
        # Files moved to new addresses are no change, but these bytes are what the addresses are
        # read from: they become the location's state in place of the old ones.
        if (
            before is not None
            and place.state_id is not None
            and not differences
            and {one.url for one in before.attachments} == {one.url for one in state.attachments}
        ):
            return self._confirmed(capture, place, state, digest, at_ms, accepted_ms)

        shown_before = self._body_before(place, moved_from)
        body_id = self._packer.keep(
            capture.body, host=place.host, before=shown_before, digest=digest
        )
        content_type = capture.headers.get("content-type", "")
        page = StoredPage(body_id, place.id, place.url, content_type)
        reading_id = self._readings.add(
            page, reading, self._reader, body=capture.body, before=shown_before
        )
        shown = _Shown(page, digest, StoredReading(reading_id, reading), state, received=digest)
        return self._good(
            capture, place, shown, decision, differences, at_ms, baseline, accepted_ms
        )

    def _good(
        self,
        capture: Capture,
        place: Place,
        shown: _Shown,
        decision: Decision,
        differences: list[Difference],
        at_ms: int,
        baseline: bool,
        accepted_ms: int | None,
    ) -> Recorded:
        """Enter what a location shows of its document, and what follows from that."""
        changed = place.state_id is None or bool(differences)
        outcome = Outcome.DOCUMENT if changed else Outcome.UNCHANGED
        capture_id = self._answers.add_capture(
            place, outcome, at_ms, capture=capture, body_id=shown.page.body_id
        )
        state_id = self._answers.add_state(
            place,
            capture_id,
            shown.page.body_id,
            shown.page.content_type,
            shown.state.attachments,
        )
        birth = Birth(self._run_id, capture_id, at_ms, baseline, accepted_ms)
        document_id = self._document_of(decision, at_ms)
        place = self._answers.good(
            place,
            capture,
            at_ms,
            document_id=document_id,
            state_id=state_id,
            changed=changed,
            received=shown.received,
        )
        doubts = self._moves.arrived(capture, document_id, place, at_ms, self._run_id)
        version = self._version_of(decision, document_id, place, shown, differences, birth)
        number = shown.state.fields.index_number
        self._events_of(decision, document_id, place, number, birth)
        if not isinstance(decision, NewDocument):
            self._follow_up(place_at(self._connection, self._portal, place.url, at_ms), birth)
        return Recorded(outcome, version=version, problems=(*shown.problems, *doubts))

    def _follow_up(self, place: Place, birth: Birth) -> None:
        """What a good answer of a known document can bring about besides a version."""
        restore_if_withdrawn(self._connection, self._readings, self._reader, place, birth)
        judge_copies(self._connection, self._readings, self._reader, place, birth)

    def _version_of(
        self,
        decision: Decision,
        document_id: int,
        place: Place,
        shown: _Shown,
        differences: list[Difference],
        birth: Birth,
    ) -> int | None:
        """Make the version that a decision and what differs call for, if any; its number."""
        if isinstance(decision, NewDocument):
            differences = [Difference(Kind.CREATED, None, None, None)]
        else:
            current = self._current_state(document_id)
            differences = not_yet_known(differences, current, shown.state)
        if not differences:
            return None
        return add_version(
            self._connection,
            document_id=document_id,
            place=place,
            body_sha256=shown.body_sha256,
            reading=shown.reading,
            state=shown.state,
            differences=differences,
            birth=birth,
        )

    def _events_of(
        self, decision: Decision, document_id: int, place: Place, number: str | None, birth: Birth
    ) -> None:
        if isinstance(decision, FurtherLocation):
            note_number(self._connection, document_id, number)
            event = Difference(Kind.RELOCATED, None, None, place.url)
            add_event(self._connection, document_id, place, event, birth)
            return
        if isinstance(decision, SameDocument | NewDocument):
            for other in decision.collides_with:
                event = Difference(Kind.COLLISION, None, self._address_of(other), place.url)
                add_event(self._connection, document_id, place, event, birth)
        if isinstance(decision, SameDocument) and decision.twin is not None:
            self._moves.merge(document_id, decision.twin, birth)

    # --- pages that are what they were --------------------------------------------------------

    def _unchanged(self, capture: Capture, place: Place, at_ms: int) -> Recorded:
        """The bytes are those of the last good capture; attachments can still have changed."""
        if place.document_id is None or place.state_id is None:
            reason = "said to be unchanged, but nothing is known of it"
            return self._evidence(capture, Outcome.SUSPECT, reason, place, at_ms)
        before_now = shown_at(self._connection, place.state_id)
        page = StoredPage(before_now.body_id, place.id, place.url, before_now.content_type)
        stored = self._readings.by(self._reader, page)
        before = state_of(stored.reading, before_now.attachments)
        state = self._with_files(capture, before)
        differences = compare(before, state)
        if not differences:
            return self._confirmed(capture, place, state, None, at_ms)
        body_sha256 = self._connection.execute(
            "SELECT sha256 FROM bodies WHERE id = ?", (page.body_id,)
        ).fetchone()[0]
        shown = _Shown(page, body_sha256, stored, state, received=None)
        decision = SameDocument(place.document_id)
        return self._good(
            capture, place, shown, decision, differences, at_ms, baseline=False, accepted_ms=None
        )

    def _confirmed(
        self,
        capture: Capture,
        place: Place,
        state: State,
        digest: bytes | None,
        at_ms: int,
        accepted_ms: int | None = None,
    ) -> Recorded:
        """The document did not change, whatever else on the page did."""
        document_id = place.document_id
        assert document_id is not None
        assert place.state_id is not None
        capture_id = self._answers.add_capture(place, Outcome.UNCHANGED, at_ms, capture=capture)
        birth = Birth(self._run_id, capture_id, at_ms, baseline=False, accepted_ms=accepted_ms)
        if place.judged_by != self._reader.name:
            # A number that the reader before this one overlooked names the document as well.
            note_number(self._connection, document_id, state.fields.index_number)
        place = self._answers.good(
            place,
            capture,
            at_ms,
            document_id=document_id,
            state_id=self._completed(place, state, birth),
            changed=False,
            received=digest,
        )
        doubts = self._moves.arrived(capture, document_id, place, at_ms, self._run_id)
        self._follow_up(place, birth)
        return Recorded(Outcome.UNCHANGED, problems=doubts)

    def _completed(self, place: Place, state: State, birth: Birth) -> int:
        """The state of a place, with the bytes of attachments that have arrived late."""
        assert place.document_id is not None
        assert place.state_id is not None
        shown = shown_at(self._connection, place.state_id)
        if state.attachments == shown.attachments:
            return place.state_id
        version = current_version(self._connection, place.document_id)
        complete_version(self._connection, version, state.attachments, birth)
        return self._answers.add_state(
            place, shown.capture_id, shown.body_id, shown.content_type, state.attachments
        )

    # --- pages that are not the document ------------------------------------------------------

    def _odd(
        self, capture: Capture, outcome: Outcome, reason: str, place: Place, at_ms: int
    ) -> Recorded:
        """A page that does not pass for a document, unless a person has said that it is one."""
        reading = self._accepted_reading(capture, outcome, reason, place)
        if reading is None:
            return self._evidence(capture, outcome, reason, place, at_ms)
        return self._document(
            replace(capture, outcome=Outcome.DOCUMENT, reading=reading), place, at_ms
        )

    def _accepted_reading(
        self, capture: Capture, outcome: Outcome, reason: str, place: Place
    ) -> Reading | None:
        """What an odd page says, if it is the accepted one of its location or an amendment of it.

        The same finding was overruled there before, and title or text are those of the document: a
        notice that looks like a firewall's refusal stays accepted, a refusal in its place is none.
        """
        here = self._candidates.at(place)
        if here is None or not capture.body:
            return None
        if not accepted_before(self._connection, place.id, outcome, reason):
            return None
        reading = self._reader.read(
            capture.body, url=place.url, content_type=capture.headers.get("content-type", "")
        )
        fields = reading.fields
        page = Page(fields.index_number, fields.title, reading.text, reading.has_metadata)
        return reading if pages_agree(page, here.page) else None

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
            body_id = self._packer.keep(capture.body, host=place.host)
        capture_id = self._answers.add_capture(
            place, outcome, at_ms, capture=capture, reason=reason, body_id=body_id
        )
        self._answers.asked(place, at_ms)
        if outcome is Outcome.OTHER or (outcome is Outcome.GONE and place.document_id is not None):
            self._answers.leave_frontier([place.key])
        return Recorded(outcome, reason, evidence=None if body_id is None else capture_id)

    # --- the pieces ---------------------------------------------------------------------------

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

    def _body_before(self, place: Place, moved_from: Place | None) -> int | None:
        """What stood at a place before, or at the one that led there: the new page is like it."""
        former = place if place.state_id is not None else moved_from
        if former is None or former.state_id is None:
            return None
        return shown_at(self._connection, former.state_id).body_id

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
