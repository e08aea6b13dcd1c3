"""Documents that move: redirects between locations, and documents that turn out to be one."""

from __future__ import annotations

from archive.answers import Answers
from archive.candidates import Candidates
from archive.capture import Capture, Outcome
from archive.comparison import Difference, Kind
from archive.context import RunContext
from archive.copies import adopt_survivor, hand_on_judgements
from archive.identity import pages_agree
from archive.places import Place, Status, find_place, place_at, places_of
from archive.versions import Birth, add_event


class Moves:
    """Follows the documents of one run from place to place, within the caller's transaction."""

    def __init__(self, run: RunContext, *, answers: Answers, candidates: Candidates) -> None:
        self._run = run
        self._answers = answers
        self._candidates = candidates

    def source_of(self, capture: Capture, place: Place) -> Place | None:
        """The known location, if any, whose document now answers at `place`."""
        for url, _ in capture.moved_from:
            source = find_place(self._run.connection, self._run.portal, url)
            if source is not None and source.id != place.id and source.document_id is not None:
                return source
        return None

    def arrived(
        self, capture: Capture, document_id: int, place: Place, at_ms: int
    ) -> tuple[str, ...]:
        """The locations that redirected to `place` lead to its document from now on.

        Returns in sentences which of them stood for another document.
        """
        doubts = []
        for url, status in capture.moved_from:
            source = place_at(self._run.connection, self._run.portal, url, at_ms)
            if source.id == place.id:
                continue
            if source.document_id in (None, document_id):
                self._answers.add_capture(source, Outcome.MOVED, at_ms, status=status)
                self._answers.leave_frontier([source.key])
                self._answers.leads_on(source, document_id, at_ms)
                hand_on_judgements(self._run.connection, source, place)
                continue
            hop = Capture(
                url=source.url,
                at=capture.at,
                outcome=Outcome.MOVED,
                status=status,
                moved_to=place.url,
            )
            doubt = self.leads_elsewhere(hop, source, at_ms)
            if doubt:
                doubts.append(f"{source.url} {doubt}: {place.url}")
        return tuple(doubts)

    def leads_elsewhere(self, capture: Capture, place: Place, at_ms: int) -> str:
        """A location redirects to one that the run had met on its own.

        Returns why that is suspect, `""` when it is a move.
        """
        assert capture.moved_to is not None
        capture_id = self._answers.add_capture(place, Outcome.MOVED, at_ms, capture=capture)
        self._answers.asked(place, at_ms)
        target = find_place(self._run.connection, self._run.portal, capture.moved_to)
        if target is None or target.document_id is None:
            return ""
        known = place.document_id
        if known not in (None, target.document_id):
            here, there = self._candidates.at(place), self._candidates.at(target)
            if here is None or there is None or not pages_agree(here.page, there.page):
                return "redirects to another document"
        self._answers.leave_frontier([place.key])
        self._answers.leads_on(place, known or target.document_id, at_ms)
        hand_on_judgements(self._run.connection, place, target)
        if known is not None:
            birth = Birth(self._run.run_id, capture_id, at_ms, baseline=False)
            if known != target.document_id:
                self.merge(known, target.document_id, birth)
            standing = min(known, target.document_id)
            adopt_survivor(self._run, standing, birth)
        return ""

    def merge(self, one: int, other: int, birth: Birth) -> None:
        """Two documents turned out to be one: the later becomes further locations of the earlier.

        Its versions and changes stay as they were recorded; only what it is asked for under leads
        to the other one from now on.
        """
        kept, merged = sorted((one, other))
        execute = self._run.connection.execute
        further = places_of(self._run.connection, merged)
        execute("UPDATE locations SET document_id = ? WHERE document_id = ?", (kept, merged))
        execute("UPDATE documents SET merged_into = ? WHERE merged_into = ?", (kept, merged))
        execute("UPDATE documents SET merged_into = ? WHERE id = ?", (kept, merged))
        for table, column in (("document_numbers", "number"), ("serials", "serial")):
            execute(
                f"""INSERT OR IGNORE INTO {table} ({column}, document_id)
                    SELECT {column}, ? FROM {table} WHERE document_id = ?""",
                (kept, merged),
            )
        for location in further:
            if location.status in (Status.LIVE, Status.GONE):
                event = Difference(Kind.RELOCATED, None, None, location.url)
                add_event(self._run.connection, kept, location, event, birth)
