"""Recording one capture: identity, comparison, version, changes and ledger in one transaction.

This is the order of events; each decision is made in a room of its own: `identity` (which
document), `plausibility` (whether it can be), `comparison` (what differs), `consequences` (what
follows for the document), `moves` (redirects), `oddities` (pages that are not the document).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.answers import Answers
from archive.candidates import Candidates
from archive.canonical import sha256
from archive.capture import Capture, Outcome
from archive.comparison import Difference, State, compare
from archive.consequences import Consequences, Showing
from archive.context import RunContext
from archive.identity import Decision, NewDocument, Page, SameDocument, Suspect, identify
from archive.instants import to_ms
from archive.locations import location_key
from archive.moves import Moves
from archive.oddities import Oddities
from archive.places import Place, Status, place_at, shown_at, state_of
from archive.plausibility import doubt
from archive.readings import Page as StoredPage
from archive.readings import StoredReading
from archive.standing import complete_version
from archive.states import body_before, state_before, state_now, with_files
from archive.storage.packing import Packer
from archive.versions import Birth, current_version, note_number


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


class Recorder:
    """Records the captures of one run into one archive, each in the caller's transaction."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._packer = Packer(run.connection, run.portal)
        self._candidates = Candidates(run)
        self._answers = Answers(run)
        self._moves = Moves(run, answers=self._answers, candidates=self._candidates)
        self._consequences = Consequences(run, self._moves)
        self._oddities = Oddities(
            run, answers=self._answers, candidates=self._candidates, packer=self._packer
        )

    def record(self, capture: Capture) -> Recorded:
        """Record a capture."""
        at_ms = to_ms(capture.at)
        place = place_at(self._run.connection, self._run.portal, capture.url, at_ms)
        match capture.outcome:
            case Outcome.DOCUMENT:
                return self._document(capture, place, at_ms)
            case Outcome.UNCHANGED:
                return self._unchanged(capture, place, at_ms)
            case Outcome.MOVED:
                reason = self._moves.leads_elsewhere(capture, place, at_ms)
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
        place = place_at(self._run.connection, self._run.portal, capture.url, at_ms)
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
        before = state_before(self._run, place, decision, moved_from)
        state = state_now(capture, before)
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

        shown_before = body_before(self._run, place, moved_from)
        body_id = self._packer.keep(
            capture.body, host=place.host, before=shown_before, digest=digest
        )
        content_type = capture.headers.get("content-type", "")
        page = StoredPage(body_id, place.id, place.url, content_type)
        reading_id = self._run.readings.add(
            page, reading, self._run.reader, body=capture.body, before=shown_before
        )
        showing = Showing(page, digest, StoredReading(reading_id, reading), state, received=digest)
        return self._good(
            capture, place, showing, decision, differences, at_ms, baseline, accepted_ms
        )

    def _good(
        self,
        capture: Capture,
        place: Place,
        showing: Showing,
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
            place, outcome, at_ms, capture=capture, body_id=showing.page.body_id
        )
        state_id = self._answers.add_state(
            place,
            capture_id,
            showing.page.body_id,
            showing.page.content_type,
            showing.state.attachments,
        )
        birth = Birth(self._run.run_id, capture_id, at_ms, baseline, accepted_ms)
        document_id = self._consequences.document_of(decision, at_ms)
        place = self._answers.good(
            place,
            capture,
            at_ms,
            document_id=document_id,
            state_id=state_id,
            changed=changed,
            received=showing.received,
        )
        doubts = self._moves.arrived(capture, document_id, place, at_ms)
        version = self._consequences.version_of(
            decision, document_id, place, showing, differences, birth
        )
        number = showing.state.fields.index_number
        self._consequences.events_of(decision, document_id, place, number, birth)
        if not isinstance(decision, NewDocument):
            self._consequences.follow_up(
                place_at(self._run.connection, self._run.portal, place.url, at_ms), birth
            )
        return Recorded(outcome, version=version, problems=(*showing.problems, *doubts))

    # --- pages that are what they were --------------------------------------------------------

    def _unchanged(self, capture: Capture, place: Place, at_ms: int) -> Recorded:
        """The bytes are those of the last good capture; attachments can still have changed."""
        if place.document_id is None or place.state_id is None:
            reason = "said to be unchanged, but nothing is known of it"
            return self._evidence(capture, Outcome.SUSPECT, reason, place, at_ms)
        before_now = shown_at(self._run.connection, place.state_id)
        page = StoredPage(before_now.body_id, place.id, place.url, before_now.content_type)
        stored = self._run.read(page)
        before = state_of(stored.reading, before_now.attachments)
        state = with_files(capture, before)
        differences = compare(before, state)
        if not differences:
            return self._confirmed(capture, place, state, None, at_ms)
        body_sha256 = self._run.connection.execute(
            "SELECT sha256 FROM bodies WHERE id = ?", (page.body_id,)
        ).fetchone()[0]
        showing = Showing(page, body_sha256, stored, state, received=None)
        decision = SameDocument(place.document_id)
        return self._good(
            capture, place, showing, decision, differences, at_ms, baseline=False, accepted_ms=None
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
        birth = Birth(self._run.run_id, capture_id, at_ms, baseline=False, accepted_ms=accepted_ms)
        if place.judged_by != self._run.reader.name:
            # A number that the reader before this one overlooked names the document as well.
            note_number(self._run.connection, document_id, state.fields.index_number)
        place = self._answers.good(
            place,
            capture,
            at_ms,
            document_id=document_id,
            state_id=self._completed(place, state, birth),
            changed=False,
            received=digest,
        )
        doubts = self._moves.arrived(capture, document_id, place, at_ms)
        self._consequences.follow_up(place, birth)
        return Recorded(Outcome.UNCHANGED, problems=doubts)

    def _completed(self, place: Place, state: State, birth: Birth) -> int:
        """The state of a place, with the bytes of attachments that have arrived late."""
        assert place.document_id is not None
        assert place.state_id is not None
        shown = shown_at(self._run.connection, place.state_id)
        if state.attachments == shown.attachments:
            return place.state_id
        version = current_version(self._run.connection, place.document_id)
        complete_version(self._run.connection, version, state.attachments, birth)
        return self._answers.add_state(
            place, shown.capture_id, shown.body_id, shown.content_type, state.attachments
        )

    # --- pages that are not the document ------------------------------------------------------

    def _odd(
        self, capture: Capture, outcome: Outcome, reason: str, place: Place, at_ms: int
    ) -> Recorded:
        """A page that does not pass for a document, unless a person has said that it is one."""
        reading = self._oddities.accepted_reading(capture, outcome, reason, place)
        if reading is None:
            return self._evidence(capture, outcome, reason, place, at_ms)
        return self._document(
            replace(capture, outcome=Outcome.DOCUMENT, reading=reading), place, at_ms
        )

    def _evidence(
        self, capture: Capture, outcome: Outcome, reason: str, place: Place, at_ms: int
    ) -> Recorded:
        evidence = self._oddities.keep(capture, outcome, reason, place, at_ms)
        return Recorded(outcome, reason, evidence=evidence)
