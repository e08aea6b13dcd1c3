"""The archives of several portals, for reading as if they were one: a catalogue of catalogues.

What a `Catalogue` answers of one archive, a `Library` answers of all, merged in the order that the
answer has. The numbers that archives give are `Held` there, so that each leads back to its archive.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, tzinfo
from heapq import merge
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from archive.across import orders, paging, sums
from archive.across.catalogues import Catalogues, Fault
from archive.across.held import Held, held
from archive.across.paging import Position
from archive.across.whereabouts import Whereabouts
from archive.captures import CaptureFilter, Kept
from archive.catalogue import Catalogue
from archive.errors import NotFoundError
from archive.questions.chronicle import ChangeFilter
from archive.questions.documents import File, Raw, Result
from archive.questions.facets import Facets
from archive.questions.growth import Month, Storage
from archive.questions.news import News
from archive.questions.run_days import RunFilter
from archive.questions.source import Row
from archive.questions.visits import ColumnPast, Visit
from archive.readings import Readers
from archive.revision import Compare, Revision, compare_states
from archive.selection import Order, Selection

if TYPE_CHECKING:
    from archive.across.conclusions import LibraryConclusions
    from archive.across.rereading import LibraryRereading
    from archive.across.watching import LibraryWatch
    from archive.export.holdings import Holdings
    from archive.settings import WatchList

_CHANGE = ("seq", "run", "document")
_CAPTURE = ("id", "run", "accepts", "accepted_as")
_ALL = 2**62
# Rows of a list are read so many at a time, of each archive.
_FEW, _MANY = 4, 64


class Library:
    """Archives opened for reading, each by the key of its portal.

    One that is missing or damaged is among the `faults`, and hides none of the others. Methods
    raise what those of `Catalogue` do, and WhichPortalError for a number that several archives
    have given.
    """

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues
        self._whereabouts = Whereabouts(catalogues)

    @classmethod
    def open(cls, archives: Mapping[str, Path], zone: tzinfo, *, hurried: bool = False) -> Self:
        """Open these archives. Raises NoArchiveError where there is none of them."""
        return cls(Catalogues.open(archives, zone, hurried=hurried))

    def close(self) -> None:
        """Let go of the files."""
        self._catalogues.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def faults(self) -> list[Fault]:
        """The archives that could not be asked."""
        return self._catalogues.faults

    def of(self, portal: str) -> Catalogue:
        """The catalogue of one portal's archive; raises what is wrong with it."""
        return self._catalogues.of(portal)

    @contextmanager
    def within(
        self, seconds: float, *, or_when: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Questions asked meanwhile raise TookTooLongError once so many seconds have passed."""
        with ExitStack() as limits:
            for portal in self._catalogues.portals:
                limits.enter_context(self.of(portal).within(seconds, or_when=or_when))
            yield

    def portals(self) -> list[str]:
        """The keys of the portals whose archives are open."""
        return self._catalogues.portals

    # --- documents ----------------------------------------------------------------------------

    def documents(
        self, selection: Selection | None = None, *, limit: int | None = None, offset: int = 0
    ) -> Iterator[Row]:
        """The documents that match, by portal and newest published first, as rows of `list`."""
        chosen = selection or Selection()
        left = limit
        for portal in self.portals() if chosen.portal is None else [chosen.portal]:
            passed = 0
            if offset:
                there = self._catalogues.each(lambda one: one.count(chosen), portal=portal)
                passed = min(offset, sum(there.values()))
                offset -= passed
            for row in self._listed(portal, chosen, left, passed):
                left = None if left is None else left - 1
                yield row
            if left == 0:
                return

    def _listed(
        self, portal: str, chosen: Selection, limit: int | None, offset: int
    ) -> Iterator[Row]:
        def rows(_: str, catalogue: Catalogue) -> Iterator[Row]:
            return catalogue.documents(chosen, limit=limit, offset=offset)

        return chain(*self._catalogues.streams(rows, portal=portal))

    def browse(
        self, selection: Selection, order: Order, *, limit: int, offset: int = 0
    ) -> list[tuple[Held, Row]]:
        """The documents that match, in an order: the number of each, and its row."""

        def pages(portal: str, catalogue: Catalogue) -> Iterator[tuple[Held, Row]]:
            # A few of each at first, since most of what is shown can be of one of them.
            first, step = 0, _FEW
            while found := catalogue.browse(selection, order, limit=step, offset=first):
                yield from ((Held(number, portal), row) for number, row in found)
                first, step = first + step, min(2 * step, _MANY)

        streams = self._catalogues.streams(pages, portal=selection.portal)
        found = orders.documents(streams, order)
        return list(islice(found, offset, offset + limit))

    def row(self, document_id: int) -> Row:
        """A document as a row of `list`."""
        portal, number = self._whereabouts.document(document_id)
        return self.of(portal).row(int(number))

    def search(
        self, text: str, selection: Selection | None = None, *, in_all_versions: bool = False
    ) -> Iterator[Result]:
        """The documents in which these words stand, best first, read as they are asked for."""
        chosen = selection or Selection()

        def results(portal: str, catalogue: Catalogue) -> Iterator[Result]:
            for one in catalogue.search(text, chosen, in_all_versions=in_all_versions):
                yield one._replace(document=Held(one.document, portal))

        from archive.search.query import parse

        # What is not asked for rightly is said before anything is looked for.
        parse(text)
        return orders.results(self._catalogues.streams(results, portal=chosen.portal))

    def unindexed(self) -> int:
        """How many versions a search has to look through one by one."""
        return sum(self._catalogues.each(Catalogue.unindexed).values())

    def unread(self) -> int:
        """How many attachments have not been read yet, so that a search has to."""
        return sum(self._catalogues.each(Catalogue.unread).values())

    def find(self, index: str | int) -> Held:
        """The document that goes, or went, by a number, or is or was at an address.

        In whichever archive it is; a number of documents in several is ambiguous.
        """
        portal, number = self._whereabouts.document(index)
        return Held(self.of(portal).find(number), portal)

    def whose(self, index: str | int) -> Row:
        """The `portal` in whose archive a document is."""
        return {"portal": self._whereabouts.document(index)[0]}

    def addresses(self, index: str) -> list[str]:
        """The locations to ask for to see a document again; an unknown address is its own."""
        portal, _ = self._whereabouts.document(index)
        return self.of(portal).addresses(index)

    def show(
        self,
        index: str | int,
        *,
        version: int | None = None,
        as_of_ms: int | None = None,
        with_attachments: bool = False,
    ) -> Row:
        """One version of a document with its text and attachments, as `show` gives it."""
        portal, number = self._whereabouts.document(index)
        return self.of(portal).show(
            number, version=version, as_of_ms=as_of_ms, with_attachments=with_attachments
        )

    def raw(
        self, index: str | int, *, version: int | None = None, as_of_ms: int | None = None
    ) -> Raw:
        """The bytes of a version's page as they were received."""
        portal, number = self._whereabouts.document(index)
        return self.of(portal).raw(number, version=version, as_of_ms=as_of_ms)

    def attachment(self, index: str | int, version: int, place: int) -> File:
        """The bytes of a version's attachment, the first one being 1."""
        portal, number = self._whereabouts.document(index)
        return self.of(portal).attachment(number, version, place)

    def history(self, index: str | int) -> Row:
        """A document's numbers, locations, versions and changes, as `history` gives it."""
        portal, number = self._whereabouts.document(index)
        told = self.of(portal).history(number)
        changes = [held(portal, row, *_CHANGE) for row in told["changes"]]
        return {"portal": portal, **told, "changes": changes}

    def revision(
        self,
        index: str | int,
        readers: Readers,
        before: int | None = None,
        after: int | None = None,
        *,
        compare: Compare = compare_states,
    ) -> Revision:
        """Two versions compared, by default the last two, in the words of one reader (R12)."""
        portal, number = self._whereabouts.document(index)
        return self.of(portal).revision(number, readers, before, after, compare=compare)

    def receipt(
        self,
        index: str | int,
        *,
        version: int | None = None,
        as_of_ms: int | None = None,
        run_id: int | None = None,
    ) -> Row:
        """What a third party needs to check a version against the seal of a run (R17)."""
        portal, number = self._whereabouts.document(index)
        return self.of(portal).receipt(number, version=version, as_of_ms=as_of_ms, run_id=run_id)

    # --- the ledgers --------------------------------------------------------------------------

    def changes(
        self,
        *,
        since_ms: int | None = None,
        until_ms: int | None = None,
        kinds: tuple[str, ...] = (),
        field: str | None = None,
        portal: str | None = None,
        run_id: int | None = None,
        document_id: int | None = None,
        limit: int | None = None,
    ) -> Iterator[Row]:
        """The entries of all ledgers that match, oldest first, as rows of `changes`.

        With `limit`, the newest so many of them.
        """
        if document_id is not None:
            portal, number = self._whereabouts.document(document_id)
            document_id = int(number)
        elif run_id is not None:
            portal, run_id = self._whereabouts.run(run_id)

        def entries(key: str, catalogue: Catalogue) -> Iterator[Row]:
            for row in catalogue.changes(
                since_ms=since_ms,
                until_ms=until_ms,
                kinds=kinds,
                field=field,
                run_id=run_id,
                document_id=document_id,
                limit=limit,
            ):
                yield held(key, row, *_CHANGE)

        found = merge(*self._catalogues.streams(entries, portal=portal), key=orders.at)
        return iter(deque(found, maxlen=limit)) if limit is not None else found

    def news(self, run_id: int, *, baseline: bool = False) -> Iterator[News]:
        """What a run has recorded, oldest first, with what is known of each document."""
        portal, number = self._whereabouts.run(run_id)
        found = self.of(portal).news(number, baseline=baseline)
        return (_news(portal, one) for one in found)

    def entries(
        self, chosen: ChangeFilter, *, before: Position | None = None, limit: int
    ) -> tuple[list[Row], Position | None]:
        """The newest entries that match, as `Catalogue.entries` has them, and where they end."""
        portal = chosen.portal
        if chosen.document is not None:
            portal, number = self._whereabouts.document(chosen.document)
            chosen = replace(chosen, document=int(number))
        if chosen.run is not None:
            portal, number = self._whereabouts.run(chosen.run)
            chosen = replace(chosen, run=number)

        def ask(catalogue: Catalogue, then: tuple[int, int] | None) -> list[paging.Timed]:
            return catalogue.entries_by_time(chosen, before=then, limit=limit + 1)

        return paging.page(
            self._catalogues, ask, _CHANGE, portal=portal, before=before, limit=limit
        )

    def changes_by_day(self, chosen: ChangeFilter, *, days: int, last: date) -> sums.ByDay:
        """How many entries of each kind match on each of the `days` up to `last`."""
        portal = chosen.portal
        if chosen.run is not None:
            portal, number = self._whereabouts.run(chosen.run)
            chosen = replace(chosen, run=number)
        each = self._catalogues.each(
            lambda one: one.changes_by_day(chosen, days=days, last=last), portal=portal
        )
        return sums.by_day(each.values())

    def last_day(self) -> date | None:
        """The day of the newest entry of any ledger, or None where there is none."""
        return max(filter(None, self._catalogues.each(Catalogue.last_day).values()), default=None)

    def newest(
        self, limit: int, *, portal: str | None = None, baseline: bool = False
    ) -> Iterator[News]:
        """The last changes that were recorded, the newest first."""

        def news(key: str, catalogue: Catalogue) -> Iterator[News]:
            for one in catalogue.newest(limit, baseline=baseline):
                yield _news(key, one)

        streams = self._catalogues.streams(news, portal=portal)
        found = merge(*streams, key=lambda one: orders.at(one.row), reverse=True)
        return islice(found, limit)

    # --- captures -----------------------------------------------------------------------------

    def captures(
        self, index: str | None, chosen: CaptureFilter, limit: int
    ) -> tuple[list[Row], bool]:
        """The newest captures that match, as rows of `captures`, and whether there are more."""
        portal = chosen.portal
        if chosen.run_id is not None:
            portal, number = self._whereabouts.run(chosen.run_id)
            chosen = replace(chosen, run_id=number)
        if index is not None:
            # An address need not be a document's, and can have been asked for several portals.
            with suppress(NotFoundError):
                portal, _ = self._whereabouts.document(index)

        def rows(catalogue: Catalogue) -> list[Row]:
            with suppress(NotFoundError):
                return catalogue.captures(index, chosen, limit + 1)[0]
            return []

        found = self._catalogues.each(rows, portal=portal)
        if index is not None and not any(found.values()):
            raise NotFoundError(f"{index} has never been asked for")
        told = [[held(key, row, *_CAPTURE) for row in those] for key, those in found.items()]
        newest = list(islice(merge(*told, key=orders.at, reverse=True), limit + 1))
        return newest[:limit], len(newest) > limit

    def capture(self, capture_id: int) -> Row:
        """One capture, as a row of `captures`."""
        portal, number = self._whereabouts.capture(capture_id)
        return held(portal, self.of(portal).capture(number), *_CAPTURE)

    def kept(self, capture_id: int) -> Kept:
        """The bytes that a capture kept. Raises NotFoundError where there are none."""
        portal, number = self._whereabouts.capture(capture_id)
        return self.of(portal).kept(number)

    # --- runs and totals ----------------------------------------------------------------------

    def runs(
        self, *, portal: str | None = None, mode: str | None = None, limit: int | None = None
    ) -> list[Row]:
        """Runs with their figures, newest first, as rows of `runs`."""
        chosen = RunFilter(portal=portal, mode=mode)
        return self.chosen_runs(chosen, limit=_ALL if limit is None else limit)[0]

    def chosen_runs(
        self, chosen: RunFilter, *, before: Position | None = None, limit: int
    ) -> tuple[list[Row], Position | None]:
        """The newest runs that match, as rows of `runs`, and where they end."""

        def ask(catalogue: Catalogue, then: tuple[int, int] | None) -> list[paging.Timed]:
            return catalogue.runs_by_time(chosen, before=then, limit=limit + 1)

        return paging.page(
            self._catalogues, ask, ("id",), portal=chosen.portal, before=before, limit=limit
        )

    def run_outcomes(self, chosen: RunFilter) -> list[tuple[int, str]]:
        """When each run that matches began, in ms, and how it ended or stands."""
        each = self._catalogues.each(lambda one: one.run_outcomes(chosen), portal=chosen.portal)
        return [outcome for found in each.values() for outcome in found]

    def facets(
        self, selection: Selection, words: str | None = None, *, in_all_versions: bool = False
    ) -> Facets:
        """How many documents of a selection have each value of what documents have in common."""
        each = self._catalogues.each(
            lambda one: one.facets(selection, words, in_all_versions=in_all_versions, most=-1),
            portal=selection.portal,
        )
        return sums.facets(list(each.values()))

    def growth(self, now: datetime) -> list[Month]:
        """What there was at the end of every month until `now`, the oldest first."""
        return sums.growth(self._catalogues.each(lambda one: one.growth(now)).values())

    def storage(self) -> Storage:
        """What is stored, and how much room it takes."""
        return sums.storage(self._catalogues.each(Catalogue.storage).values())

    def columns_past(self, *, portal: str | None = None, last: int = 30) -> list[ColumnPast]:
        """Every column that was ever visited, with its `last` visits."""
        each = self._catalogues.each(lambda one: one.columns_past(last=last), portal=portal)
        return [_past(key, one) for key, found in each.items() for one in found]

    def visits_of_run(self, run_id: int) -> list[tuple[int, str, Visit]]:
        """What a run saw of each column: the column's id and address, and the visit."""
        portal, number = self._whereabouts.run(run_id)
        return self.of(portal).visits_of_run(number)

    def run(self, run_id: int) -> Row:
        """One run with its figures, as a row of `runs`."""
        portal, number = self._whereabouts.run(run_id)
        return held(portal, self.of(portal).run(number), "id")

    def reread(
        self, readers: Readers, portals: Sequence[str], progress: Callable[[str, int, int], None]
    ) -> LibraryRereading:
        """What the present readers would make otherwise of the pages of these portals (R12)."""
        # Here, since everything that reads passes through this module.
        from archive.across.rereading import LibraryRereading

        return LibraryRereading(self._catalogues, readers, portals, progress)

    # --- the whole of them --------------------------------------------------------------------

    @contextmanager
    def holdings(
        self, selection: Selection, progress: Callable[[str, int, int], None]
    ) -> Iterator[dict[str, Holdings]]:
        """What a selection names, to export it, by portal: of each as it is now."""
        with ExitStack() as opened:
            yield self._catalogues.each(
                lambda one: opened.enter_context(one.holdings(selection, progress)),
                portal=selection.portal,
            )

    # --- what is concluded --------------------------------------------------------------------

    def conclusions(
        self,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        *,
        at_ms: int | None = None,
    ) -> LibraryConclusions:
        """What follows from each archive, at the moment `at_ms`, by default the present one."""
        # Here, since everything that reads passes through this module.
        from archive.across.conclusions import LibraryConclusions

        return LibraryConclusions(self._catalogues, progress, at_ms)

    def watch(self, chosen: WatchList) -> LibraryWatch:
        """What belongs to a list that somebody watches."""
        # Here, since everything that reads passes through this module.
        from archive.across.watching import LibraryWatch

        return LibraryWatch(self._catalogues.each(lambda one: one.watch(chosen)))


def _past(portal: str, one: ColumnPast) -> ColumnPast:
    visits = tuple(seen._replace(run=Held(seen.run, portal)) for seen in one.visits)
    return one._replace(id=Held(one.id, portal), visits=visits)


def _news(portal: str, one: News) -> News:
    return one._replace(
        row=held(portal, one.row, "seq", "run"), document=Held(one.document, portal)
    )
