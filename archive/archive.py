"""The archive, for writing: the one entrance through which anything is recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from archive import columns, files, runs, subtrees
from archive.acceptance import as_document, find_evidence, note_acceptance
from archive.agenda import Agenda, Target
from archive.attachments.texts import attachment_texts
from archive.bodies import encode
from archive.capture import Capture, ColumnVisit, KeptFile, ListedRow, Outcome
from archive.confirmations import Confirmations
from archive.context import RunContext
from archive.database import (
    BUSY_SECONDS,
    file_identity,
    open_for_writing,
    transaction,
    translated_errors,
)
from archive.errors import ArchiveUnusableError, BusyError, CrawledAlreadyError
from archive.files import KnownFile
from archive.foreknowledge import Foreknowledge
from archive.instants import now_ms
from archive.locations import location_key
from archive.locks import ProcessLock
from archive.reading import LinkedFile
from archive.readings import Readers, Readings
from archive.recording import Recorded, Recorder
from archive.runs import RunOutcome, RunReport, Stop, Unrun
from archive.search import files_index, index
from archive.search.index import Progress
from archive.spools import ingests
from archive.spools.form import SpoolRefusedError
from archive.storage.compaction import Compacted, Compaction
from archive.storage.compaction import Progress as CompactionProgress
from archive.subtrees import KnownColumn
from archive.withdrawal import settle_gone

if TYPE_CHECKING:
    from archive.spools.reading import Spool

__all__ = ["Acceptance", "Archive", "KnownFile", "RunReport", "Target"]


class Acceptance(NamedTuple):
    """An accepted capture: the id it is recorded under, by which run, and what came of it."""

    capture_id: int
    portal: str
    recorded: Recorded
    run: RunReport


class Archive:
    """An archive opened for one crawl of one portal at a time.

    `open` it, `begin_run`, then `record` each capture, and `finish_run`. Every method that writes
    does so in one transaction of its own; what has been recorded when it returns survives the
    process and the machine (R18). Methods raise BusyError and ArchiveUnusableError.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, readers: Readers) -> None:
        self._path = path
        self._connection = connection
        self._readers = readers
        self._readings = Readings(connection)
        self._file = file_identity(path)
        self._lock: ProcessLock | None = None
        self._run_id = 0

    @classmethod
    def open(cls, path: Path, readers: Readers, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Open the archive at `path`, making it where there is none.

        `busy_seconds` is how long another program's transaction is waited for.
        """
        return cls(path, open_for_writing(path, busy_seconds), readers)

    def close(self) -> None:
        """Write what waits to be written, and let go of the file."""
        if self._run_id:
            self._flush()
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- runs ---------------------------------------------------------------------------------

    def begin_run(
        self, portal: str, mode: str, *, job: str | None = None, slot: str | None = None
    ) -> int:
        """Enter a run of `portal`; its id. One crawl a portal: raises BusyError for a second.

        A run that was left running by a process that is gone is entered as interrupted first.
        """
        assert not self._run_id
        self._lock = self._crawl_lock(portal)
        with self._writing():
            runs.close_abandoned(self._connection, portal)
            self._run_id = runs.start(self._connection, portal, mode, job, slot)
        self._go_on_with(portal, self._run_id)
        return self._run_id

    def _go_on_with(self, portal: str, run_id: int) -> RunContext:
        reader = self._readers.current(portal)
        self._run_id = run_id
        self._run = RunContext(self._connection, self._readings, reader, portal, run_id)
        self._agenda = Agenda(self._path, self._connection, portal, reader.name, run_id)
        self._recorder = Recorder(self._run)
        self._confirmations = Confirmations(self._run)
        return self._run

    @property
    def run_id(self) -> int:
        """The run under way; 0 when there is none."""
        return self._run_id

    def finish_run(
        self,
        outcome: RunOutcome,
        *,
        requests: int = 0,
        received: int = 0,
        problems: Sequence[str] = (),
        stopped: Stop | None = None,
        finished_ms: int | None = None,
    ) -> RunReport:
        """Enter how the run ended, and what follows from what it found gone (R9).

        It ended now, or at `finished_ms`. `stopped` says why it did not come to the end of its
        work. One that was stopped because nearly everything was blocked counts for no withdrawal
        (R11).
        """
        self._be_there()
        self._flush()
        with self._writing():
            if stopped is not Stop.BLOCKED:
                settle_gone(self._run)
            report = runs.finish(
                self._connection,
                self._run_id,
                outcome,
                problems,
                requests=requests,
                received=received,
                stopped=stopped,
                finished_ms=finished_ms,
            )
        self._run_id = 0
        if self._lock is not None:
            self._lock.release()
        return report

    def mark_interrupted(self, portal: str) -> int:
        """Enter runs of `portal` whose process is gone as interrupted; how many there were.

        None while a crawl of it goes on.
        """
        try:
            lock = self._crawl_lock(portal)
        except BusyError:
            return 0
        with lock, self._writing():
            return runs.close_abandoned(self._connection, portal)

    def enter_missed(self, portal: str, missed: Sequence[Unrun]) -> None:
        """Enter runs of `portal` that were due while nobody was there to begin them."""
        with self._writing():
            for one in missed:
                runs.enter_unrun(self._connection, portal, one)

    def enter_death(self, portal: str, death: Unrun) -> None:
        """Enter how the process of a crawl of `portal` ended that may not have said so itself.

        Runs left running are closed so; where it died before it had begun one, one is entered.
        Nothing is entered while another crawl of the portal goes on.
        """
        try:
            lock = self._crawl_lock(portal)
        except BusyError:
            return
        with lock, self._writing():
            problem = " ".join(death.problems)
            runs.close_abandoned(self._connection, portal, death.outcome, problem)
            if not runs.is_entered(self._connection, death.job, death.slot):
                runs.enter_unrun(self._connection, portal, death)

    # --- what was crawled elsewhere (docs/orders.md) -------------------------------------------

    @contextmanager
    def consulted(self, portal: str) -> Iterator[Foreknowledge]:
        """What a crawl of `portal` has to know, as it stands at one moment, while no run goes on.

        Raises ConfigurationError where the portal has no reader.
        """
        assert not self._run_id
        reader = self._readers.current(portal)
        with translated_errors(self._path):
            # A snapshot: nobody who writes meanwhile is waited for, or waits.
            self._connection.execute("BEGIN")
            try:
                yield Foreknowledge(self._path, self._connection, portal, reader)
            finally:
                self._connection.execute("COMMIT")

    def ingest(self, spool: Path) -> RunReport:
        """Record what a crawl found that was carried out from an order, in a run of its own.

        One that was killed is repeated, and goes on where it was. Of an order whose spool was
        recorded nothing is recorded again. Raises SpoolRefusedError, BusyError while the portal is
        crawled, and ConfigurationError where it has no reader.
        """
        # Here, since it loads what reads WARC files.
        from archive.spools.reading import open_spool, read_head

        assert not self._run_id
        head = read_head(spool)
        with translated_errors(self._path):
            known = ingests.find(self._connection, head.order_id)
            if known is not None and known.is_done:
                return runs.report_of(self._connection, known.run_id)
        self._readers.current(head.portal)
        with open_spool(spool) as whole, self._crawl_lock(head.portal):
            try:
                return self._ingest(whole)
            finally:
                # What waited to be written was undone with its transaction.
                self._run_id = 0

    def _ingest(self, spool: Spool) -> RunReport:
        from archive.run_log import begun, tell_end
        from archive.spools.ingesting import Ingesting

        order_id, portal, mode, job = spool.head[:4]
        with self._writing():
            known = ingests.find(self._connection, order_id)
            if known is None:
                runs.close_abandoned(self._connection, portal)
                run_id = runs.start(
                    self._connection, portal, mode, job, spool.head.slot, spool.head.started_ms
                )
                known = ingests.begin(self._connection, order_id, run_id, spool.sha256)
        if known.is_done:
            return runs.report_of(self._connection, known.run_id)
        if known.spool != spool.sha256:
            raise SpoolRefusedError(
                spool.path,
                "is another one than that which its order has been recorded from in part; ingest"
                " that one again",
            )
        run = self._go_on_with(portal, known.run_id)
        ingesting = Ingesting(self, run, spool, ingests.account_of(known))
        with begun(known.run_id, portal, mode, job):
            for number, group in enumerate(spool.read(known.groups), known.groups + 1):
                with self._writing():
                    ingesting.enter(group)
                    self._confirmations.write()
                    ending, account = ingesting.ending, ingesting.account
                    if ending is None:
                        ingests.advance(self._connection, order_id, number, account)
                        continue
                    report = self.finish_run(
                        ending.outcome,
                        requests=ending.requests,
                        received=ending.received,
                        problems=account.problems(run.run_id),
                        stopped=ending.stopped,
                        finished_ms=ending.finished_ms,
                    )
                    ingests.close(self._connection, order_id, number)
                    tell_end(report, requests=ending.requests, received=ending.received)
                return report
        raise SpoolRefusedError(spool.path, "does not say how its crawl ended")

    def is_ingested(self, order_id: str) -> bool:
        """Whether the spool of that order was recorded to its end."""
        with translated_errors(self._path):
            known = ingests.find(self._connection, order_id)
            return known is not None and known.is_done

    # --- what is derived ----------------------------------------------------------------------

    def catch_up_index(self, progress: Progress = lambda _done, _total: None) -> None:
        """Make findable what was recorded since this was last done, in short transactions.

        `progress` is told how many versions are done, and how many there were to do. A search is
        right without it, only slower; a crawl is faster for not waiting.
        """
        with translated_errors(self._path):
            index.catch_up(self._connection, progress)

    def catch_up_attachments(
        self,
        progress: Progress = lambda _done, _total: None,
        *,
        seconds: float | None = None,
    ) -> None:
        """Read the attachments that have not been read yet, and make their words findable.

        In a process of its own; with `seconds`, none is begun later than that. `progress` is told
        how many are done, and how many there were to do.
        """
        with (
            translated_errors(self._path),
            attachment_texts(self._path, self._connection, seconds=seconds) as texts,
        ):
            files_index.catch_up_files(self._connection, texts, progress)

    def throw_away_index(self) -> None:
        """Empty the index of words, to be made anew of what is recorded."""
        with self._writing():
            index.throw_away_all(self._connection)

    # --- recording ----------------------------------------------------------------------------

    def accept(self, capture_id: int) -> Acceptance:
        """Record a capture that was kept as evidence as what it is after all: the document (R10).

        It goes the way of every document, in a run of its own and in one transaction with it.
        Raises NotFoundError, NotAcceptableError, and BusyError while its portal is crawled.
        """
        assert not self._run_id
        with translated_errors(self._path):
            portal = find_evidence(self._connection, capture_id).portal
        reader = self._readers.current(portal)
        lock = self._crawl_lock(portal)
        with lock, self._writing():
            evidence = find_evidence(self._connection, capture_id)
            capture = as_document(self._connection, evidence, reader)
            runs.close_abandoned(self._connection, portal)
            run_id = runs.start(self._connection, portal, runs.ACCEPT, None, None)
            run = RunContext(self._connection, self._readings, reader, portal, run_id)
            at_ms = now_ms()
            recorded = Recorder(run).record_accepted(capture, at_ms)
            accepted_as = note_acceptance(self._connection, capture_id, run_id, at_ms)
            problems = [f"{capture.url}: {problem}" for problem in recorded.problems]
            report = runs.finish(self._connection, run_id, RunOutcome.FINISHED, problems)
        return Acceptance(accepted_as, portal, recorded, report)

    def record(self, capture: Capture) -> Recorded:
        """Record one capture: identity, comparison, version, changes and ledger, or nothing."""
        self._be_there()
        with translated_errors(self._path):
            if capture.outcome is Outcome.UNCHANGED and self._confirmations.take(capture):
                return Recorded(Outcome.UNCHANGED)
            self._confirmations.write()
            with transaction(self._connection):
                return self._recorder.record(capture)

    def keep_file(self, url: str, body: bytes, headers: dict[str, str]) -> KeptFile:
        """Store an attachment's bytes ahead of the capture that they belong to."""
        encoded = encode(body)
        with self._writing():
            return files.keep_file(self._run, url, encoded, headers)

    def confirm_file(self, url: str) -> None:
        """An attachment's server said that it has not changed: it is fresh for this run."""
        with self._writing():
            files.confirm_file(self._run, url)

    def note_failed_file(self) -> None:
        """Count an attachment that could not be fetched through a fault of its server."""
        with self._writing():
            files.note_failed_file(self._run)

    def keep_known_file(self, url: str, sha256: bytes, headers: dict[str, str]) -> KeptFile | None:
        """The same for bytes that are kept already; None if there are none with that SHA-256."""
        with self._writing():
            return files.keep_known_file(self._run, url, sha256, headers)

    def note_rows(
        self, column: str, rows: Sequence[ListedRow], *, listed_ms: int | None = None
    ) -> list[ListedRow]:
        """Enter a list page's rows as to be fetched; those not known yet are returned.

        They were seen there now, or at `listed_ms`.
        """
        with self._writing():
            return columns.note_rows(self._connection, self._run.portal, column, rows, listed_ms)

    def note_visit(self, visit: ColumnVisit) -> str | None:
        """Enter how a column was visited; what is wrong with it in a sentence (R14), or None."""
        with self._writing():
            return columns.note_visit(self._connection, self._run.portal, self._run_id, visit)

    def note_found(self, url: str, name: str, under: str) -> None:
        """Enter that a column was found at `url`, or found again, from the page at `under`."""
        with self._writing():
            key = location_key(under)
            subtrees.note_found(self._connection, self._run.portal, self._run_id, url, name, key)

    def note_present(self, url: str) -> None:
        """Enter that a found column which was absent answers again."""
        with self._writing():
            subtrees.note_present(self._connection, self._run.portal, url)

    def note_absent(self, url: str, *, in_sweep: bool) -> KnownColumn:
        """Enter that a found column did not answer as one; what is known of it now."""
        with self._writing():
            return subtrees.note_absent(
                self._connection, self._run.portal, self._run_id, url, in_sweep=in_sweep
            )

    def note_walked(self, under: str) -> None:
        """Enter that columns were searched for from the page at `under`."""
        with self._writing():
            key = location_key(under)
            subtrees.note_walked(self._connection, self._run.portal, self._run_id, key)

    # --- what a crawl needs to know -----------------------------------------------------------

    def known_columns(self) -> list[KnownColumn]:
        """Every column that was ever walked or found."""
        return self._agenda.known_columns()

    def is_walked(self, under: str) -> bool:
        """Whether columns were ever searched for from the page at `under`."""
        return self._agenda.is_walked(under)

    def column_is_complete(self, column: str) -> bool:
        """Whether the column has once been walked to its end."""
        return self._agenda.column_is_complete(column)

    def frontier(self) -> Iterator[str]:
        """The addresses that lists have shown and that have not been fetched yet, oldest first."""
        return self._agenda.frontier()

    def known_locations(self, *, conditional: bool) -> Iterator[Target]:
        """The locations of all documents, those not asked for longest first.

        Locations that lead to another one are left out while one of their document's answers; gone
        ones are not: a document can return, to where it led away from, too.
        With `conditional`, the validators of the last good answer come with them.
        """
        return self._agenda.known_locations(conditional=conditional)

    def due_locations(self, limit: int, *, ceiling_days: float) -> list[Target]:
        """The `limit` locations whose rereading is worth most, with their validators (docs/due.md).

        A location that answers is left unseen for `ceiling_days` at most, where the limit allows.
        """
        return self._agenda.due_locations(limit, ceiling_days=ceiling_days)

    def leads_to(self, url: str) -> str | None:
        """The address of the live location that a moved one leads to, or None."""
        return self._agenda.leads_to(url)

    def recall(self, url: str, sha256: bytes | None = None) -> tuple[LinkedFile, ...] | None:
        """The attachments of what stands at `url`, if its bytes are those received there last.

        Without `sha256` the answer was a 304 and the bytes are taken to be. None: read the page.
        """
        return self._agenda.recall(url, sha256)

    def known_file(self, url: str) -> KnownFile | None:
        """What is known of an attachment's address."""
        with translated_errors(self._path):
            return files.known_file(self._run, url)

    def is_beginning_of_known(self, url: str, body: bytes) -> bool:
        """Whether these bytes are but the beginning of what an attachment's address gave last."""
        with translated_errors(self._path):
            known = files.known_bytes(self._run, url) or b""
        return len(body) < len(known) and known.startswith(body)

    # --- keeping it small ---------------------------------------------------------------------

    def compact(self, progress: CompactionProgress) -> Compacted:
        """Pack what is stored tighter, while crawls go on (docs/storage.md).

        `progress` is told what is done, how much of it, and how much there is. Raises BusyError
        while somebody else does the same.
        """
        lock = ProcessLock(
            self._path.with_name(f"{self._path.name}.compact.lock"),
            "the archive is being packed already; wait for the end of that",
        )
        with lock, translated_errors(self._path):
            return Compaction(self._connection, progress).run()

    def _crawl_lock(self, portal: str) -> ProcessLock:
        return ProcessLock(
            self._path.with_name(f"{self._path.name}.{portal}.crawl.lock"),
            f"a crawl of {portal} is under way in this archive; wait for its end",
            CrawledAlreadyError,
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One write transaction, with SQLite's errors as the archive's."""
        with translated_errors(self._path), transaction(self._connection):
            yield

    def _be_there(self) -> None:
        """Refuse to go on writing into a file that nobody will find again."""
        if file_identity(self._path) != self._file:
            raise ArchiveUnusableError(
                self._path,
                "was moved or removed while it was written; put it back, or restore it from a"
                " backup, and crawl again",
            )

    def _flush(self) -> None:
        with translated_errors(self._path):
            self._confirmations.write()
