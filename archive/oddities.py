"""Pages that do not pass for their document: kept as evidence, or read where a person said so."""

from __future__ import annotations

from archive.acceptance import accepted_before
from archive.answers import Answers
from archive.candidates import Candidates
from archive.capture import Capture, Outcome
from archive.context import RunContext
from archive.identity import Page, pages_agree
from archive.places import Place
from archive.reading import Reading
from archive.storage.packing import Packer


class Oddities:
    """Keeps what one run met in the place of documents."""

    def __init__(
        self, run: RunContext, *, answers: Answers, candidates: Candidates, packer: Packer
    ) -> None:
        self._run = run
        self._answers = answers
        self._candidates = candidates
        self._packer = packer

    def accepted_reading(
        self, capture: Capture, outcome: Outcome, reason: str, place: Place
    ) -> Reading | None:
        """What an odd page says, if it is the accepted one of its location or an amendment of it.

        The same finding was overruled there before, and title or text are those of the document: a
        notice that looks like a firewall's refusal stays accepted, a refusal in its place is none.
        """
        here = self._candidates.at(place)
        if here is None or not capture.body:
            return None
        if not accepted_before(self._run.connection, place.id, outcome, reason):
            return None
        reading = self._run.reader.read(
            capture.body, url=place.url, content_type=capture.headers.get("content-type", "")
        )
        fields = reading.fields
        page = Page(fields.index_number, fields.title, reading.text, reading.has_metadata)
        return reading if pages_agree(page, here.page) else None

    def keep(
        self, capture: Capture, outcome: Outcome, reason: str, place: Place, at_ms: int
    ) -> int | None:
        """Enter a capture that says nothing about any document; odd bytes are evidence (R10).

        Returns the id of the capture if it keeps bytes.
        """
        body_id = None
        if capture.body and outcome in (Outcome.BLOCKED, Outcome.SUSPECT):
            body_id = self._packer.keep(capture.body, host=place.host)
        capture_id = self._answers.add_capture(
            place, outcome, at_ms, capture=capture, reason=reason, body_id=body_id
        )
        self._answers.asked(place, at_ms)
        if outcome is Outcome.OTHER or (outcome is Outcome.GONE and place.document_id is not None):
            self._answers.leave_frontier([place.key])
        return None if body_id is None else capture_id
