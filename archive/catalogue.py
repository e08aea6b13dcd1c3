"""The archive, for reading: everything that is shown, listed, compared or counted.

A catalogue cannot write: its connection is read-only. What it answers are plain values in the
words of the design's JSON; commands print them, the reading room will show them. How each question
is answered stands in `archive.questions`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from archive.captures import CaptureFilter, Kept, kept
from archive.database import given_up_after, open_for_reading
from archive.fixity import Fixity, Progress, Verification
from archive.instants import now_ms
from archive.questions import (
    captures,
    changes,
    chronicle,
    documents,
    facets,
    growth,
    history,
    lookup,
    news,
    odd_columns,
    revisions,
    run_days,
    runs,
    tallies,
    totals,
    visits,
)
from archive.questions.chronicle import ChangeFilter
from archive.questions.documents import File, Raw, Result
from archive.questions.facets import Facets
from archive.questions.growth import Month, Storage
from archive.questions.news import News, Standing
from archive.questions.odd_columns import OddColumn
from archive.questions.run_days import RunFilter
from archive.questions.source import Row, Source
from archive.questions.tallies import Tally
from archive.questions.visits import ColumnPast, Visit
from archive.readings import Readers
from archive.rereading import Rereading
from archive.revision import Compare, Revision, compare_states
from archive.runs import PastRun, past_runs
from archive.selection import Order, Selection
from archive.subtrees import KnownColumn, known_columns
from archive.versions import Version

if TYPE_CHECKING:
    from archive.attachments.texts import AttachmentTexts
    from archive.conclusions import Conclusions
    from archive.errors import ArchiveUnusableError
    from archive.export.holdings import Holdings
    from archive.law.claims.store import ClaimStore
    from archive.law.watching import Watch, WatchMemory
    from archive.search.query import Query
    from archive.settings import WatchList

__all__ = ["Catalogue", "File", "Raw", "Result"]

# A search reads attachments that nobody has read yet for so long, and passes over the rest.
_READING_SECONDS = 10.0
_HURRIED_SECONDS = 3.0


class Catalogue:
    """An archive opened for reading. Times are given in `zone`.

    Methods raise NotFoundError and AmbiguousError for an index that names no document or several,
    ArchiveUnusableError where the file cannot be read.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        zone: tzinfo,
        *,
        hurried: bool = False,
        portal: str | None = None,
    ) -> None:
        self._source = Source(path, connection, zone, portal)
        self._hurried = hurried
        self._remembered: dict[WatchList, WatchMemory] = {}

    @classmethod
    def open(
        cls, path: Path, zone: tzinfo, *, hurried: bool = False, portal: str | None = None
    ) -> Self:
        """Open the archive at `path`. Raises NoArchiveError where there is none.

        `hurried` where anybody can ask: attachments that nobody has read yet are then read for a
        few seconds at most. With `portal`, only documents of that portal go by a number or an
        address.
        """
        return cls(path, open_for_reading(path), zone, hurried=hurried, portal=portal)

    @property
    def path(self) -> Path:
        """The archive's file."""
        return self._source.path

    @property
    def faults(self) -> Sequence[tuple[str, ArchiveUnusableError]]:
        """The archives that could not be asked, by their portals: where it is one, it raises."""
        return ()

    def of(self, portal: str) -> Catalogue:  # noqa: ARG002 as where there are several
        """The catalogue of the archive that a portal is in: this one."""
        return self

    def whose(self, index: str | int) -> Row:  # noqa: ARG002 as where there are several
        """The `portal` of a document, where there are archives to tell apart; nothing here."""
        return {}

    def close(self) -> None:
        """Let go of the file."""
        self._source.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def within(
        self, seconds: float, *, or_when: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Questions asked meanwhile raise TookTooLongError once so many seconds have passed.

        Or once `or_when` says so, which is called from the thread that asks.
        """
        with given_up_after(self._source.connection, seconds, or_when):
            yield

    def portals(self) -> list[str]:
        """The keys of the portals that the archive has runs of."""
        return [portal for (portal,) in self._source.rows("SELECT DISTINCT portal FROM runs")]

    # --- documents ----------------------------------------------------------------------------

    def documents(
        self, selection: Selection | None = None, *, limit: int | None = None, offset: int = 0
    ) -> Iterator[Row]:
        """The documents that match, by portal and newest published first, as rows of `list`."""
        return documents.listed(
            self._source, self._resolved(selection or Selection()), limit, offset
        )

    def browse(
        self, selection: Selection, order: Order, *, limit: int, offset: int = 0
    ) -> list[tuple[int, Row]]:
        """The documents that match, in an order: the archive's number for each, and its row."""
        return documents.browsed(self._source, self._resolved(selection), order, limit, offset)

    def count(self, selection: Selection) -> int:
        """How many documents match."""
        return documents.count(self._source, self._resolved(selection))

    def row(self, document_id: int) -> Row:
        """A document as a row of `list`."""
        return documents.row(self._source, document_id)

    def search(
        self, text: str, selection: Selection | None = None, *, in_all_versions: bool = False
    ) -> Iterator[Result]:
        """The documents in which these words stand, best first, read as they are asked for.

        In the versions that stand, or stood at the selection's moment; with `in_all_versions`, in
        any up to then. Raises NothingToSearchError.
        """
        # Here, since everything that reads passes through this module.
        from archive.search.query import parse

        selection, query = self._resolved(selection or Selection()), parse(text)
        return self._found(query, selection, in_all_versions=in_all_versions)

    def unindexed(self) -> int:
        """How many versions a search has to look through one by one."""
        from archive.search.index import behind

        with self._source.asked():
            return behind(self._source.connection)

    def unread(self) -> int:
        """How many attachments have not been read yet, so that a search has to."""
        from archive.search.files_index import files_behind

        with self._source.asked():
            return files_behind(self._source.connection)

    def find(self, index: str | int) -> int:
        """The document that goes, or went, by a number, or is or was at an address.

        A whole number is the archive's own for a document. It stays valid: of a document that
        turned out to be another one, it leads to that.
        """
        return lookup.find(self._source, index)

    def known_columns(self, portal: str) -> list[KnownColumn]:
        """Every column of `portal` that was ever walked or found, the oldest first."""
        with self._source.asked():
            return known_columns(self._source.connection, portal)

    def addresses(self, index: str) -> list[str]:
        """The locations to ask for to see a document again; an unknown address is its own."""
        return lookup.addresses(self._source, index)

    def show(
        self,
        index: str | int,
        *,
        version: int | None = None,
        as_of_ms: int | None = None,
        with_attachments: bool = False,
    ) -> Row:
        """One version of a document with its text and attachments, as `show` gives it.

        Attachments that nobody has read yet are read for that; `with_attachments` gives their texts
        as well.
        """
        chosen = self._version(index, version, as_of_ms)
        shown = documents.sheet(self._source, chosen, as_of_ms)
        with self._texts() as texts:
            documents.add_texts(shown, texts, with_content=with_attachments)
        return shown

    def raw(
        self, index: str | int, *, version: int | None = None, as_of_ms: int | None = None
    ) -> Raw:
        """The bytes of a version's page as they were received."""
        return documents.raw(self._source, self._version(index, version, as_of_ms))

    def attachment(self, index: str | int, version: int, place: int) -> File:
        """The bytes of a version's attachment, the first one being 1."""
        return documents.file(self._source, self._version(index, version, None), place)

    def history(self, index: str | int) -> Row:
        """A document's numbers, locations, versions and changes, as `history` gives it."""
        return history.history(self._source, self.find(index))

    def revision(
        self,
        index: str | int,
        readers: Readers,
        before: int | None = None,
        after: int | None = None,
        *,
        compare: Compare = compare_states,
    ) -> Revision:
        """Two versions compared, by default the last two, in the words of one reader (R12).

        `compare` compares the two states, such as in a process of its own.
        """
        document_id = lookup.recorded(self._source, index)
        with self._texts() as texts:
            return revisions.revision(
                self._source, texts, document_id, index, readers, before, after, compare
            )

    # --- the ledger ---------------------------------------------------------------------------

    def changes(self, **filters: Unpack[changes.Filters]) -> Iterator[Row]:
        """The ledger's entries that match, oldest first, as rows of `changes`."""
        return changes.changes(self._source, **filters)

    def entries(
        self, chosen: ChangeFilter, *, before_seq: int | None = None, limit: int
    ) -> list[Row]:
        """The newest entries that match, as `archive.questions.chronicle` gives them."""
        return chronicle.entries(
            self._source, self._watched(chosen), before_seq=before_seq, limit=limit
        )

    def entries_by_time(
        self, chosen: ChangeFilter, *, before: tuple[int, int] | None = None, limit: int
    ) -> list[tuple[int, Row]]:
        """The newest entries that match by their times, as `archive.questions.chronicle` does."""
        return chronicle.entries_by_time(
            self._source, self._watched(chosen), before=before, limit=limit
        )

    def changes_by_day(
        self, chosen: ChangeFilter, *, days: int, last: date
    ) -> dict[date, dict[str, int]]:
        """How many entries of each kind match on each of the `days` up to `last`."""
        return chronicle.count_by_day(self._source, self._watched(chosen), days=days, last=last)

    def last_day(self) -> date | None:
        """The day of the ledger's newest entry, or None where there is none."""
        return chronicle.last_day(self._source)

    # --- what there is to tell ----------------------------------------------------------------

    def standing(self) -> Standing:
        """The newest run, and those that are under way."""
        return news.standing(self._source)

    def ended_since(self, then: Standing) -> list[Row]:
        """The runs that have ended since, oldest first, as rows of `runs`."""
        return news.ended_since(self._source, then)

    def news(self, run_id: int, *, baseline: bool = False) -> Iterator[News]:
        """What a run has recorded, oldest first, with what is known of each document."""
        return news.news(self._source, run_id, baseline=baseline)

    def newest(
        self, limit: int, *, portal: str | None = None, baseline: bool = False
    ) -> Iterator[News]:
        """The last changes that were recorded, the newest first, likewise."""
        return news.newest(self._source, portal, limit, baseline=baseline)

    # --- captures -----------------------------------------------------------------------------

    def captures(
        self, index: str | None, chosen: CaptureFilter, limit: int
    ) -> tuple[list[Row], bool]:
        """The newest captures that match, as rows of `captures`, and whether there are more.

        `index` is a document's number or address, or an address at which there is none.
        """
        if index is not None:
            chosen = replace(chosen, locations=lookup.locations(self._source, index))
        return captures.captures(self._source, chosen, limit)

    def capture(self, capture_id: int) -> Row:
        """One capture, as a row of `captures`."""
        return captures.capture(self._source, capture_id)

    def kept(self, capture_id: int) -> Kept:
        """The bytes that a capture kept. Raises NotFoundError where there are none."""
        with self._source.asked():
            return kept(self._source.connection, capture_id)

    # --- runs and totals ----------------------------------------------------------------------

    def runs(
        self,
        *,
        portal: str | None = None,
        mode: str | None = None,
        limit: int | None = None,
        before: int | None = None,
    ) -> list[Row]:
        """Runs with their figures, newest first, as rows of `runs`; those before one of them."""
        return runs.runs(self._source, portal, mode, limit, before)

    def run(self, run_id: int) -> Row:
        """One run with its figures, as a row of `runs`."""
        return runs.run(self._source, run_id)

    def chosen_runs(self, chosen: RunFilter, *, before: int | None = None, limit: int) -> list[Row]:
        """The newest runs that match, as rows of `runs`; with `before`, of those before that."""
        return run_days.runs(self._source, chosen, before=before, limit=limit)

    def runs_by_time(
        self, chosen: RunFilter, *, before: tuple[int, int] | None = None, limit: int
    ) -> list[tuple[int, Row]]:
        """The newest runs that match by their beginnings, each with its own in ms."""
        return run_days.runs_by_time(self._source, chosen, before=before, limit=limit)

    def run_outcomes(self, chosen: RunFilter) -> list[tuple[int, str]]:
        """When each run that matches began, in ms, and how it ended or stands."""
        return run_days.outcomes(self._source, chosen)

    def past_runs(self, portal: str) -> Iterator[PastRun]:
        """The runs of a portal that have ended, newest first, read as they are asked for."""
        with self._source.asked():
            yield from past_runs(self._source.connection, portal)

    def last_slots(self) -> dict[str, str]:
        """The slot, an ISO date-time, of each job's last run that was due for one."""
        return runs.last_slots(self._source)

    def totals(self) -> Row:
        """What the archive holds, and the head of its ledger."""
        return totals.totals(self._source)

    def facets(
        self,
        selection: Selection,
        words: str | None = None,
        *,
        in_all_versions: bool = False,
        most: int = facets.MOST,
    ) -> Facets:
        """How many documents of a selection have each value of what documents have in common.

        With `words`, of those that the index names for them: now and then one too many. `most` is
        of how many values of each, -1 for all.
        """
        return facets.facets(
            self._source,
            self._resolved(selection),
            words,
            in_all_versions=in_all_versions,
            most=most,
        )

    def growth(self, now: datetime) -> list[Month]:
        """What there was at the end of every month until `now`, the oldest first."""
        return growth.growth(self._source, now)

    def storage(self) -> Storage:
        """What is stored, and how much room it takes."""
        return growth.storage(self._source)

    def columns_past(self, *, portal: str | None = None, last: int = 30) -> list[ColumnPast]:
        """Every column that was ever visited, with its `last` visits."""
        return visits.columns(self._source, portal=portal, last=last)

    def visits_of_run(self, run_id: int) -> list[tuple[int, str, Visit]]:
        """What a run saw of each column: the column's id and address, and the visit."""
        return visits.visits_of_run(self._source, run_id)

    def tallies(self, since_ms: int = 0) -> list[Tally]:
        """The runs that began at `since_ms` or later, by portal, mode and outcome."""
        return tallies.tallies(self._source, since_ms)

    def odd_columns(self) -> list[OddColumn]:
        """The columns that look wrong against their own past (R14), watched still or not."""
        return odd_columns.odd_columns(self._source)

    def due(self, portal: str, *, limit: int, ceiling_days: float) -> Row:
        """The `limit` locations of a portal whose rereading is worth most, as `due` gives it."""
        # Here, since everything that reads passes through this module.
        from archive.due.assessment import due_now
        from archive.due.presentation import due_row

        with self._source.asked():
            found = due_now(
                self._source.connection,
                portal,
                limit=limit,
                ceiling_days=ceiling_days,
                now_ms=now_ms(),
            )
        return due_row(portal, limit, ceiling_days, found, self._source.zone)

    # --- the whole of it ----------------------------------------------------------------------

    def verify(
        self, readers: Readers, progress: Progress, *, since_ms: int | None = None
    ) -> Fixity:
        """Check that everything is there and as it was recorded (R17).

        `progress` is told what is being checked, how many of it are done, and how many there are.
        With `since_ms`, bytes and readings that runs recorded which ended before are left out.
        """
        return Verification(self._source.connection, readers, progress, since_ms).run()

    def receipt(
        self,
        index: str | int,
        *,
        version: int | None = None,
        as_of_ms: int | None = None,
        run_id: int | None = None,
    ) -> Row:
        """What a third party needs to check a version against the seal of a run (R17)."""
        # Here, since everything that reads passes through this module.
        from archive.receipt import receipt

        shown = self._version(index, version, as_of_ms)
        with self._source.asked():
            return receipt(self._source.connection, shown, run_id)

    def reread(self, readers: Readers, portals: Sequence[str], progress: Progress) -> Rereading:
        """What the present readers would make otherwise of the pages of these portals (R12).

        `progress` is told the portal, how many of its documents are done, and how many there are.
        """
        return Rereading(self._source.connection, readers, portals, progress)

    @contextmanager
    def holdings(self, selection: Selection, progress: Progress) -> Iterator[Holdings]:
        """What a selection names, to export it: as it is now, whatever a crawl adds meanwhile.

        `progress` is told what is being read, how many of it are done, and how many there are.
        """
        # Here, since everything that reads passes through this module.
        from archive.export.holdings import Holdings

        def sheet(version: Version) -> Row:
            return documents.sheet(self._source, version, selection.as_of_ms)

        connection = self._source.connection
        with self._source.asked():
            connection.execute("BEGIN")
        try:
            yield Holdings(connection, self._resolved(selection), sheet, progress)
        except sqlite3.Error:
            # Nothing else: an error of the file that is written is not the archive's.
            with self._source.asked():
                raise
        finally:
            connection.execute("ROLLBACK")

    def _found(
        self, query: Query, selection: Selection, *, in_all_versions: bool
    ) -> Iterator[Result]:
        from archive.search.finding import Search

        with self._texts(seconds=_READING_SECONDS) as texts:
            search = Search(
                self._source.connection,
                self._source.readings,
                texts,
                query,
                selection,
                in_all_versions=in_all_versions,
            )
            yield from documents.results(self._source, search, selection.as_of_ms)

    def _texts(self, *, seconds: float | None = None) -> closing[AttachmentTexts]:
        # Here, since everything that reads passes through this module.
        from archive.attachments.limits import HURRIED, LIMITS
        from archive.attachments.texts import attachment_texts

        return attachment_texts(
            self._source.path,
            self._source.connection,
            seconds=_HURRIED_SECONDS if self._hurried else seconds,
            limits=HURRIED if self._hurried else LIMITS,
        )

    def _version(self, index: str | int, number: int | None, as_of_ms: int | None) -> Version:
        find = lookup.find if number is None else lookup.recorded
        document_id = find(self._source, index)
        return documents.version_chosen(self._source, document_id, index, number, as_of_ms)

    # --- what is concluded --------------------------------------------------------------------

    def conclusions(
        self,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        *,
        at_ms: int | None = None,
        store: ClaimStore | None = None,
    ) -> Conclusions:
        """What follows from the archive without being recorded in it: claims, conflicts, force.

        At the moment `at_ms`, by default the present one. `progress` is told how many texts have
        been read, and how many there are to read. `store` is where claims are kept, by default the
        file beside the archive.
        """
        # Here, since everything that reads passes through this module.
        from archive.conclusions import Conclusions

        return Conclusions(self._source, progress=progress, at_ms=at_ms, store=store)

    def watch(self, chosen: WatchList) -> Watch:
        """What belongs to a list that somebody watches."""
        # Here, since everything that reads passes through this module.
        from archive.law.watching import Watch, WatchMemory

        memory = self._remembered.setdefault(chosen, WatchMemory())
        with self._source.asked():
            return Watch(self._source, chosen, memory)

    def _resolved(self, selection: Selection) -> Selection:
        """A selection whose list, if it has one, is the numbers of the documents on it."""
        if selection.watch is None:
            return selection
        seen = self.watch(selection.watch)
        with self._source.asked():
            return replace(selection, watch=None, among=json.dumps(seen.documents()))

    def _watched(self, chosen: ChangeFilter) -> ChangeFilter:
        """A filter whose list, if it has one, is the numbers of documents and of entries."""
        if chosen.watch is None:
            return chosen
        seen = self.watch(chosen.watch)
        with self._source.asked():
            among, speaking = json.dumps(seen.documents()), json.dumps(seen.changes())
        return replace(chosen, watch=None, among=among, speaking=speaking)
