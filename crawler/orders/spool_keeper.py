"""The keeper of a crawl that has no archive: it answers from the order and writes to the spool.

Where the archive would decide, it says what the crawl needs to go on well. What is decided about
documents is decided when the spool is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from archive.agenda import Target
from archive.canonical import sha256
from archive.capture import Capture, ColumnVisit, KeptFile, ListedRow, Outcome
from archive.errors import YangeError
from archive.files import KnownFile, media_type_of
from archive.instants import now_ms
from archive.reading import LinkedFile
from archive.recording import Recorded
from archive.runs import RunOutcome, Stop
from archive.spools.items import Item, of_capture, of_rows, of_visit
from archive.spools.writing import SpoolWriter
from archive.subtrees import KnownColumn
from crawler.orders.expectation import expected
from crawler.orders.knowledge import Knowledge


class SpoolUnwritableError(YangeError):
    """The file system does not let the spool be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"the spool {path} cannot be written: {error.strerror}")
        self.path = path


class SpoolKeeper:
    """A `crawler.keeper.Keeper`, and the listener of the crawl's account.

    Raises SpoolUnwritableError where it writes.
    """

    def __init__(
        self, knowledge: Knowledge, spool: SpoolWriter, path: Path, *, trusts_digests: bool
    ) -> None:
        """`trusts_digests` tells that pages are read by the reader that the order was written for;
        another one has to look at each page itself."""
        self._knowledge = knowledge
        self._spool = spool
        self._path = path
        self._trusts_digests = trusts_digests
        self._is_broken = False
        self._doubted: tuple[str, bytes] | None = None

    # --- what a crawl needs to know -----------------------------------------------------------

    def frontier(self) -> Iterator[str]:
        return self._knowledge.frontier()

    def known_locations(self, *, conditional: bool) -> Iterator[Target]:  # noqa: ARG002 as ordered
        return self._knowledge.targets()

    def due_locations(
        self,
        limit: int,  # noqa: ARG002 the order holds the choice
        *,
        ceiling_days: float,  # noqa: ARG002
    ) -> Iterator[Target]:
        return self._knowledge.targets()

    def leads_to(self, url: str) -> str | None:
        return url if self._knowledge.place(url).leads_on else None

    def recall(self, url: str, sha256: bytes | None = None) -> tuple[LinkedFile, ...] | None:
        place = self._knowledge.place(url)
        if sha256 is None:
            return place.attachments
        if not (self._trusts_digests and place.is_judged and place.received_sha256 == sha256):
            return None
        return place.attachments

    def known_file(self, url: str) -> KnownFile | None:
        return self._knowledge.file(url)

    def is_beginning_of_known(self, url: str, body: bytes) -> bool:
        # The bytes that are known are in the archive alone, which looks when it records these.
        self._doubted = url, sha256(body)
        return False

    def known_columns(self) -> list[KnownColumn]:
        return self._knowledge.columns()

    def is_walked(self, under: str) -> bool:
        return self._knowledge.is_walked(under)

    def column_is_complete(self, column: str) -> bool:
        return self._knowledge.column_is_complete(column)

    # --- what it tells ------------------------------------------------------------------------

    def record(self, capture: Capture) -> Recorded:
        place = self._knowledge.place(capture.url)
        unchanged = capture.outcome is Outcome.UNCHANGED
        body = None if unchanged or capture.status is None else capture.body
        held = place.received_sha256 if unchanged else None
        item = of_capture(
            capture,
            body_sha256=None if body is None else sha256(body),
            held_sha256=held,
        )
        seen = None if held is None else (held, place.seen_ms or 0)
        self._write(lambda: self._spool.capture(capture, item, seen))
        self._learn(capture, is_known_document=place.has_document, was_gone=place.was_gone)
        return expected(capture, place)

    def _learn(self, capture: Capture, *, is_known_document: bool, was_gone: bool) -> None:
        """What lists are not to call news from now on, as the archive would see it."""
        if capture.outcome in (Outcome.DOCUMENT, Outcome.UNCHANGED):
            for url in (capture.url, *(hop.url for hop in capture.moved_from)):
                self._knowledge.settle(url)
            return
        settled = (
            (capture.outcome is Outcome.OTHER and not is_known_document)
            or (capture.outcome is Outcome.GONE and was_gone)
            or (capture.moved_to is not None and self._knowledge.place(capture.moved_to).is_known)
        )
        if settled:
            self._knowledge.settle(capture.url)

    def keep_file(self, url: str, body: bytes, headers: dict[str, str]) -> KeptFile:
        digest = sha256(body)
        known = self._knowledge.file(url)
        names = ("content-type", "etag", "last-modified")
        headers = {name: headers[name] for name in names if name in headers}
        item: Item = {"kind": "keep_file", "url": url, "body": digest.hex(), "headers": headers}
        if self._doubted == (url, digest):
            item["may_be_cut_off"] = True
        is_known = known is not None and known.sha256 == digest
        self._write(lambda: self._spool.file(url, body, headers, item, is_known=is_known))
        media_type, etag, modified = (
            media_type_of(headers),
            headers.get("etag"),
            headers.get("last-modified"),
        )
        file = KnownFile(digest, len(body), media_type, etag, modified, fresh=True)
        self._knowledge.keep_file(url, file)
        return KeptFile("", url, digest, len(body), media_type, etag, modified)

    def confirm_file(self, url: str) -> None:
        self._knowledge.confirm_file(url)
        self._tell("confirm_file", url=url)

    def note_failed_file(self) -> None:
        self._tell("note_failed_file")

    def note_rows(self, column: str, rows: Sequence[ListedRow]) -> list[ListedRow]:
        self._write(lambda: self._spool.item(of_rows(column, list(rows), now_ms())))
        return [row for row in rows if not self._knowledge.place(row.url).is_known]

    def note_visit(self, visit: ColumnVisit) -> str | None:
        # Whether the list is what it used to be, the archive says when it records this.
        self._write(lambda: self._spool.item(of_visit(visit)))
        return None

    def note_found(self, url: str, name: str, under: str) -> None:
        self._tell("note_found", url=url, name=name, under=under)

    def note_present(self, url: str) -> None:
        self._tell("note_present", url=url)

    def note_absent(self, url: str, *, in_sweep: bool) -> KnownColumn:
        self._tell("note_absent", url=url, in_sweep=in_sweep)
        return self._knowledge.miss_column(url, in_sweep=in_sweep)

    def note_walked(self, under: str) -> None:
        self._tell("note_walked", under=under)

    # --- what its account hears ---------------------------------------------------------------

    def note_problem(self, sentence: str) -> None:
        self._tell("note_problem", sentence=sentence)

    def note_stop(self, stop: Stop) -> None:
        self._tell("note_stop", stop=stop.value)

    def finish(self, outcome: RunOutcome, *, requests: int, received: int) -> None:
        """Write how the crawl ended; nothing comes after that."""
        self._tell(
            "finish", at=now_ms(), outcome=outcome.value, requests=requests, received=received
        )
        self._write(self._spool.close)

    def _tell(self, kind: str, **said: object) -> None:
        self._write(lambda: self._spool.item({"kind": kind, **said}))

    def _write(self, write: Callable[[], None]) -> None:
        if self._is_broken:
            return  # It was told once, which ends the crawl; what it has to say at its end is lost.
        try:
            write()
        except OSError as error:
            self._is_broken = True
            raise SpoolUnwritableError(self._path, error) from error
