"""What follows for a document from a page of it: its row, a version, events, copies judged."""

from __future__ import annotations

from dataclasses import dataclass

from archive.comparison import Difference, Kind, State, not_yet_known
from archive.context import RunContext
from archive.copies import judge_copies
from archive.identity import Decision, FurtherLocation, NewDocument, SameDocument
from archive.moves import Moves
from archive.places import Place, places_of
from archive.readings import Page, StoredReading
from archive.states import current_state
from archive.versions import Birth, add_event, add_version, note_number
from archive.withdrawal import restore_if_withdrawn


@dataclass(frozen=True, slots=True)
class Showing:
    """What a location shows of its document: the stored page, what is read of it, and the state
    that this and its attachments make.

    `received` is the SHA-256 of the page if it came with the answer.
    """

    page: Page
    body_sha256: bytes
    reading: StoredReading
    state: State
    received: bytes | None

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, where it was received now."""
        return self.reading.reading.problems if self.received is not None else ()


class Consequences:
    """Draws, for the documents of one run, what follows from a decision about a page."""

    def __init__(self, run: RunContext, moves: Moves) -> None:
        self._run = run
        self._moves = moves

    def document_of(self, decision: Decision, at_ms: int) -> int:
        """The document that a page was decided to be of, made where it is new."""
        if isinstance(decision, SameDocument | FurtherLocation):
            return decision.document
        cursor = self._run.connection.execute(
            "INSERT INTO documents (portal, first_seen_ms) VALUES (?, ?)",
            (self._run.portal, at_ms),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def version_of(
        self,
        decision: Decision,
        document_id: int,
        place: Place,
        showing: Showing,
        differences: list[Difference],
        birth: Birth,
    ) -> int | None:
        """Make the version that a decision and what differs call for, if any; its number."""
        if isinstance(decision, NewDocument):
            differences = [Difference(Kind.CREATED, None, None, None)]
        else:
            current = current_state(self._run, document_id)
            differences = not_yet_known(differences, current, showing.state)
        if not differences:
            return None
        return add_version(
            self._run.connection,
            document_id=document_id,
            place=place,
            body_sha256=showing.body_sha256,
            reading=showing.reading,
            state=showing.state,
            differences=differences,
            birth=birth,
        )

    def events_of(
        self, decision: Decision, document_id: int, place: Place, number: str | None, birth: Birth
    ) -> None:
        """Record the events that a decision about a page with this number calls for (R8)."""
        connection = self._run.connection
        if isinstance(decision, FurtherLocation):
            note_number(connection, document_id, number)
            event = Difference(Kind.RELOCATED, None, None, place.url)
            add_event(connection, document_id, place, event, birth)
            return
        if isinstance(decision, SameDocument | NewDocument):
            for other in decision.collides_with:
                address = places_of(connection, other)[0].url
                event = Difference(Kind.COLLISION, None, address, place.url)
                add_event(connection, document_id, place, event, birth)
        if isinstance(decision, SameDocument) and decision.twin is not None:
            self._moves.merge(document_id, decision.twin, birth)

    def follow_up(self, place: Place, birth: Birth) -> None:
        """What a good answer of a known document can bring about besides a version."""
        restore_if_withdrawn(self._run, place, birth)
        judge_copies(self._run, place, birth)
