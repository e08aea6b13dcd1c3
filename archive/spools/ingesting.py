"""Ingesting a spool: every item recorded as if the crawl had told it to the archive itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from archive.account import Account
from archive.capture import Capture, KeptFile, Outcome
from archive.locations import location_key
from archive.reading import Nature
from archive.run_log import tell_capture, tell_visit
from archive.runs import RunOutcome, Stop
from archive.spools.form import SpoolRefusedError
from archive.spools.items import Item, capture_of, rows_of, visit_of
from archive.spools.reading import Group, Spool

if TYPE_CHECKING:
    from archive.archive import Archive
    from archive.context import RunContext


_CUT_OFF = "the answer was cut off"


class Ending(NamedTuple):
    """How the crawl of a spool ended."""

    outcome: RunOutcome
    stopped: Stop | None
    requests: int
    received: int
    finished_ms: int


class Ingesting:
    """A spool on its way into an archive, in the run that is under way there."""

    def __init__(self, archive: Archive, run: RunContext, spool: Spool, account: Account) -> None:
        self.account = account
        self.ending: Ending | None = None
        self._archive = archive
        self._run = run
        self._spool = spool
        self._has_others = _others_since(run, spool.head.after_run)

    def enter(self, group: Group) -> None:
        """Record what a group holds, item by item, within the caller's transaction."""
        for item in group.items:
            self._enter(item, group)

    def _enter(self, item: Item, group: Group) -> None:
        archive = self._archive
        match item["kind"]:
            case "record":
                self._record(item, group)
            case "keep_file":
                self._keep_file(item, group)
            case "confirm_file":
                archive.confirm_file(item["url"])
            case "note_failed_file":
                archive.note_failed_file()
            case "note_rows":
                archive.note_rows(item["column"], rows_of(item), listed_ms=item["at"])
            case "note_visit":
                self._note_visit(item)
            case "note_found":
                archive.note_found(item["url"], item["name"], item["under"])
            case "note_present":
                archive.note_present(item["url"])
            case "note_absent":
                archive.note_absent(item["url"], in_sweep=item["in_sweep"])
            case "note_walked":
                archive.note_walked(item["under"])
            case "note_problem":
                sentence: str = item["sentence"]
                self.account.note_problem(sentence)
            case "note_stop":
                self.account.end(Stop(item["stop"]))
            case "finish":
                self._finish(item)
            case kind:
                raise self._refused(f"holds an item of a kind that is not known ({kind})")

    def _record(self, item: Item, group: Group) -> None:
        if self._has_others and self._is_overtaken(item):
            self.account.leave_out()
            return
        body = None if item["body"] is None else self._body(item["body"], group)
        capture = self._in_words_of_reader(capture_of(item, body))
        if self.account.cut_off:
            capture = self._without_what_is_cut_off(capture)
        recorded = self._archive.record(capture)
        tell_capture(capture, recorded)
        if self.account.take(capture, recorded):
            self.account.end(Stop.BLOCKED)

    def _is_overtaken(self, item: Item) -> bool:
        """Whether another run has had an answer from there since the order was written.

        What this capture says was said in ignorance of that, and may well be older.
        """
        row = self._run.connection.execute(
            "SELECT answered_run FROM locations WHERE portal = ? AND key = ?",
            (self._run.portal, location_key(item["url"])),
        ).fetchone()
        answered = row[0] if row else None
        return (
            answered is not None
            and answered > self._spool.head.after_run
            and answered != self._run.run_id
        )

    def _in_words_of_reader(self, capture: Capture) -> Capture:
        """The capture with a reading by the archive's reader, whatever reader the crawl had."""
        reader = self._run.reader
        if capture.reading is None or capture.reading.reader == reader.name:
            return capture
        assert capture.body is not None
        content_type = capture.headers.get("content-type", "")
        reading = reader.read(capture.body, url=capture.url, content_type=content_type)
        if reading.nature is Nature.DOCUMENT:
            return replace(capture, reading=reading)
        # What is no document is said of the location that was asked.
        asked = capture.moved_from[0].url if capture.moved_from else capture.url
        return replace(
            capture,
            url=asked,
            outcome=Outcome(reading.nature.value),
            reason=reading.reason,
            reading=None,
            attachments=(),
            moved_from=(),
        )

    def _keep_file(self, item: Item, group: Group) -> None:
        digest = item["body"]
        if digest in group.bodies:
            if item.get("may_be_cut_off") and self._is_cut_off(item, group.bodies[digest]):
                return
            self._archive.keep_file(item["url"], group.bodies[digest], item["headers"])
        elif not self._archive.keep_known_file(item["url"], bytes.fromhex(digest), item["headers"]):
            raise self._refused(f"refers to bytes that the archive does not have ({digest})")

    def _is_cut_off(self, item: Item, body: bytes) -> bool:
        """Whether an attachment is but the beginning of itself, which the crawl could not tell."""
        url = item["url"]
        if not self._archive.is_beginning_of_known(url, body):
            return False
        self._archive.note_failed_file()
        self.account.note_problem(f"the attachment {url} could not be fetched: {_CUT_OFF}")
        self.account.note_cut_off(item["body"])
        return True

    def _without_what_is_cut_off(self, capture: Capture) -> Capture:
        """The capture with no bytes of attachments that were found to be cut off."""
        cut_off = self.account.cut_off
        files = tuple(
            KeptFile(one.name, one.url, None, reason=_CUT_OFF)
            if one.sha256 is not None and one.sha256.hex() in cut_off
            else one
            for one in capture.attachments
        )
        return replace(capture, attachments=files)

    def _note_visit(self, item: Item) -> None:
        visit = visit_of(item)
        problem = self._archive.note_visit(visit)
        if problem is not None:
            self.account.note_problem(problem)
            tell_visit(visit, problem)

    def _finish(self, item: Item) -> None:
        outcome, stop = RunOutcome(item["outcome"]), self.account.stop
        if stop is not None and outcome is RunOutcome.FINISHED:
            # The archive knows pages for suspect that the crawl took for documents.
            outcome = RunOutcome.INCOMPLETE
        self.ending = Ending(outcome, stop, item["requests"], item["received"], item["at"])

    def _body(self, digest: str, group: Group) -> bytes:
        if digest not in group.bodies:
            raise self._refused(f"lacks bytes that it refers to ({digest})")
        return group.bodies[digest]

    def _refused(self, why: str) -> SpoolRefusedError:
        return SpoolRefusedError(self._spool.path, why)


def _others_since(run: RunContext, after_run: int) -> bool:
    """Whether the portal has had another run since the order was written."""
    row = run.connection.execute(
        "SELECT 1 FROM runs WHERE portal = ? AND id > ? AND id <> ? LIMIT 1",
        (run.portal, after_run, run.run_id),
    ).fetchone()
    return row is not None
