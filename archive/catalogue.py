"""The archive, for reading: everything that is shown, listed, compared or counted.

A catalogue cannot write: its connection is read-only. What it answers are plain values in the
words of the design's JSON; commands print them, the reading room will show them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import orjson

from archive import ledger
from archive.bodies import read_body
from archive.capture import Outcome
from archive.captures import CaptureFilter, Kept, captures, kept
from archive.comparison import State
from archive.database import open_for_reading, translated_errors
from archive.errors import AmbiguousError, NotFoundError
from archive.fixity import Fixity, Progress, Verification
from archive.instants import now_ms, to_iso
from archive.listing import document_row
from archive.locations import location_key
from archive.numbers import normalise_index_number
from archive.places import Status, places_of, state_of
from archive.readings import Page, Readers, Readings
from archive.rereading import Rereading
from archive.revision import Revision, attachment_as_json, compare_states
from archive.runs import Figures, PastRun, RunOutcome, figures_of, past_runs
from archive.selection import Order, Selection
from archive.standing import completed_attachments
from archive.subtrees import KnownColumn, known_columns
from archive.versions import COLUMNS, Version, from_row, version_of

if TYPE_CHECKING:
    from archive.conclusions import Conclusions
    from archive.export.holdings import Holdings
    from archive.law.watching import Watch
    from archive.search.finding import Search
    from archive.search.matching import Hit
    from archive.settings import WatchList

# The portals that have locations, each found in the index of those without reading the others: with
# them a location is looked up by its key alone.
_PORTALS = """WITH RECURSIVE portals (portal) AS (
    SELECT min(portal) FROM locations UNION ALL
    SELECT (SELECT min(portal) FROM locations WHERE portal > portals.portal)
    FROM portals WHERE portal IS NOT NULL)"""
_DAY_MS = 24 * 3600 * 1000
Row = dict[str, Any]


class Raw(NamedTuple):
    """The bytes of a version's page, and the Content-Type that they came with."""

    portal: str
    body: bytes
    content_type: str


class Result(NamedTuple):
    """A document that a search found: its row in the list, and where the words stand in it."""

    row: Row
    hits: tuple[Hit, ...]

    def as_json(self) -> Row:
        """The result as a row of `search`."""
        return {**self.row, "hits": [hit.as_json() for hit in self.hits]}


class Catalogue:
    """An archive opened for reading. Times are given in `zone`.

    Methods raise NotFoundError and AmbiguousError for an index that names no document or several,
    ArchiveUnusableError where the file cannot be read.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, zone: tzinfo) -> None:
        self._path = path
        self._connection = connection
        self._zone = zone
        self._readings = Readings(connection)

    @classmethod
    def open(cls, path: Path, zone: tzinfo) -> Self:
        """Open the archive at `path`. Raises NoArchiveError where there is none."""
        return cls(path, open_for_reading(path), zone)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def portals(self) -> list[str]:
        """The keys of the portals that the archive has runs of."""
        return [portal for (portal,) in self._rows("SELECT DISTINCT portal FROM runs")]

    # --- documents ----------------------------------------------------------------------------

    def documents(
        self, selection: Selection | None = None, *, limit: int | None = None, offset: int = 0
    ) -> Iterator[Row]:
        """The documents that match, by portal and newest published first, as rows of `list`."""
        selection = selection or Selection()
        query, values = selection.select(Order.BY_PORTAL)
        pairs = self._rows(
            f"{query} LIMIT :limit OFFSET :offset",
            {**values, "limit": -1 if limit is None else limit, "offset": offset},
        )
        for document_id, version_id in pairs:
            version = version_of(self._connection, version_id)
            yield self._document_row(document_id, version, selection.as_of_ms)

    def row(self, document_id: int) -> Row:
        """A document as a row of `list`."""
        return self._document_row(document_id, self._versions(document_id)[-1])

    def search(
        self, text: str, selection: Selection | None = None, *, in_all_versions: bool = False
    ) -> Iterator[Result]:
        """The documents in which these words stand, best first, read as they are asked for.

        In the versions that stand, or stood at the selection's moment; with `in_all_versions`, in
        any up to then. Raises NothingToSearchError.
        """
        # Here, since everything that reads passes through this module.
        from archive.search.finding import Search
        from archive.search.query import parse

        selection = selection or Selection()
        search = Search(
            self._connection,
            self._readings,
            parse(text),
            selection,
            in_all_versions=in_all_versions,
        )
        return self._results(search, selection.as_of_ms)

    def _results(self, search: Search, as_of_ms: int | None) -> Iterator[Result]:
        with translated_errors(self._path):
            for found in search:
                row = self._document_row(found.document_id, found.standing, as_of_ms)
                yield Result({**row, "version": found.version.number}, found.match.hits)

    def unindexed(self) -> int:
        """How many versions a search has to look through one by one."""
        from archive.search.index import behind

        with translated_errors(self._path):
            return behind(self._connection)

    def find(self, index: str) -> int:
        """The document that goes, or went, by a number, or is or was at an address."""
        if index.strip().lower().startswith(("http://", "https://")):
            rows = self._rows(
                f"""{_PORTALS} SELECT DISTINCT document_id FROM locations
                    WHERE portal IN portals AND key = ? AND document_id IS NOT NULL""",
                (location_key(index),),
            )
        else:
            number = normalise_index_number(index)
            rows = self._rows(
                """SELECT DISTINCT coalesce(merged_into, documents.id) FROM document_numbers
                   JOIN documents ON documents.id = document_id WHERE number = ?""",
                (number,),
            )
        if not rows:
            raise NotFoundError(f"no document in the archive goes by {index}")
        if len(rows) > 1:
            raise AmbiguousError(index, [self._candidate(row[0]) for row in rows])
        return int(rows[0][0])

    def known_columns(self, portal: str) -> list[KnownColumn]:
        """Every column of `portal` that was ever walked or found, the oldest first."""
        with translated_errors(self._path):
            return known_columns(self._connection, portal)

    def addresses(self, index: str) -> list[str]:
        """The locations to ask for to see a document again; an unknown address is its own."""
        try:
            document_id = self.find(index)
        except NotFoundError:
            if index.startswith(("http://", "https://")):
                return [index]
            raise
        places = places_of(self._connection, document_id)
        return [place.url for place in places if place.status != Status.MOVED]

    def show(self, index: str, *, version: int | None = None, as_of_ms: int | None = None) -> Row:
        """One version of a document with its text and attachments, as `show` gives it."""
        document_id = self.find(index)
        shown = self._version(document_id, index, version, as_of_ms)
        return self._sheet(document_id, shown, as_of_ms)

    def raw(self, index: str, *, version: int | None = None, as_of_ms: int | None = None) -> Raw:
        """The bytes of a version's page as they were received."""
        shown = self._version(self.find(index), index, version, as_of_ms)
        portal, body_id, content_type = self._rows(
            """SELECT portal, body_id, content_type FROM readings
               JOIN locations ON locations.id = location_id WHERE readings.id = ?""",
            (shown.reading_id,),
        )[0]
        return Raw(portal, read_body(self._connection, body_id), content_type)

    def history(self, index: str) -> Row:
        """A document's numbers, locations, versions and changes, as `history` gives it."""
        document_id = self.find(index)
        versions = self._versions(document_id)
        kinds: dict[int, list[str]] = {}
        for number, kind in self._rows(
            """SELECT version, kind FROM changes
               WHERE document_id = ? AND version_digest IS NOT NULL ORDER BY seq""",
            (document_id,),
        ):
            kinds.setdefault(number, []).append(kind)
        return {
            "index_number": versions[-1].fields.index_number,
            "numbers": [
                number
                for (number,) in self._rows(
                    "SELECT number FROM document_numbers WHERE document_id = ? ORDER BY number",
                    (document_id,),
                )
            ],
            "locations": [
                {
                    "url": url,
                    "status": status,
                    "first_seen": self._iso(first),
                    "last_seen": self._iso(last),
                }
                for url, status, first, last in self._rows(
                    """SELECT url, status, first_seen_ms, last_seen_ms FROM locations
                       WHERE document_id = ? ORDER BY id""",
                    (document_id,),
                )
            ],
            "versions": [
                {
                    "version": one.number,
                    "captured_at": self._iso(one.at_ms),
                    "url": self._address(one.location_id),
                    "content_sha256": one.content_sha256.hex(),
                    "validity": one.fields.validity.value,
                    "changes": kinds.get(one.number, []),
                }
                for one in versions
            ],
            "changes": list(self.changes(document_id=document_id)),
        }

    def revision(
        self, index: str, readers: Readers, before: int | None = None, after: int | None = None
    ) -> Revision:
        """Two versions compared, by default the last two, in the words of one reader (R12)."""
        document_id = self.find(index)
        versions = {one.number: one for one in self._versions(document_id)}
        last = max(versions)
        if after is None:
            after = last if before is None or before < last else before
        if before is None:
            before = after - 1
        if last == 1 and before == 0:
            raise NotFoundError(f"{index} has one version only; there is nothing to compare")
        for number in (before, after):
            if number not in versions:
                raise NotFoundError(f"{index} has no version {number}; it has 1 to {last}")
        old, new = versions[before], versions[after]
        portal = self._rows("SELECT portal FROM documents WHERE id = ?", (document_id,))[0][0]
        states = self._in_one_reading(old, new, readers, portal)
        return Revision(
            index_number=new.fields.index_number,
            title=new.fields.title,
            url=self._address(new.location_id),
            before=before,
            after=after,
            before_at=self._iso(old.at_ms) or "",
            after_at=self._iso(new.at_ms) or "",
            states=states,
            comparison=compare_states(*states),
        )

    # --- the ledger ---------------------------------------------------------------------------

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
        """The ledger's entries that match, oldest first, as rows of `changes`.

        With `limit`, the newest so many of them.
        """
        clauses, values = ["1"], dict[str, object]()
        if since_ms is not None:
            clauses.append("at_ms >= :since")
            values["since"] = since_ms
        if until_ms is not None:
            clauses.append("at_ms <= :until")
            values["until"] = until_ms
        if field is not None:
            clauses.append("field = :field")
            values["field"] = field
        if kinds:
            # Of one kind the newest stand together in its index; of several the ledger is walked.
            column = "kind" if len(kinds) == 1 else "+kind"
            clauses.append(f"{column} IN ({', '.join(f':kind{i}' for i in range(len(kinds)))})")
            values |= {f"kind{i}": kind for i, kind in enumerate(kinds)}
        if portal is not None:
            clauses.append("portal = :portal")
            values["portal"] = portal
        if run_id is not None:
            clauses.append("run_id = :run")
            values["run"] = run_id
        if document_id is not None:
            # What a document brought with it when it turned out to be this one is its history too.
            clauses.append(
                "(document_id = :document OR document_id IN"
                " (SELECT id FROM documents WHERE merged_into = :document))"
            )
            values["document"] = document_id
        rows = self._rows(
            f"""SELECT seq, at_ms, run_id, portal, index_number, title, url, version, kind, field,
                before, after, baseline FROM changes
                WHERE {" AND ".join(clauses)}
                ORDER BY seq {"" if limit is None else f"DESC LIMIT {limit}"}""",
            values,
        )
        if limit is not None:
            rows.reverse()
        names = ("portal", "index_number", "title", "url", "version", "kind", "field")
        for seq, at_ms, run, *rest in rows:
            *named, before, after, baseline = rest
            yield {
                "seq": seq,
                "at": self._iso(at_ms),
                "run": run,
                **dict(zip(names, named, strict=True)),
                "before": before,
                "after": after,
                "baseline": bool(baseline),
            }

    # --- captures -----------------------------------------------------------------------------

    def captures(
        self, index: str | None, chosen: CaptureFilter, limit: int
    ) -> tuple[list[Row], bool]:
        """The newest captures that match, as rows of `captures`, and whether there are more.

        `index` is a document's number or address, or an address at which there is none.
        """
        if index is not None:
            chosen = replace(chosen, locations=self._locations(index))
        with translated_errors(self._path):
            found = captures(self._connection, chosen, limit + 1)
        rows = [
            {
                "id": one.id,
                "at": self._iso(one.at_ms),
                "run": one.run,
                "portal": one.portal,
                "url": one.url,
                "outcome": one.outcome,
                "reason": one.reason,
                "status": one.status,
                "bytes": one.size,
                "sha256": one.sha256.hex() if one.sha256 else None,
                "accepts": one.accepts,
                "accepted_as": one.accepted_as,
            }
            for one in found[:limit]
        ]
        return rows, len(found) > limit

    def kept(self, capture_id: int) -> Kept:
        """The bytes that a capture kept. Raises NotFoundError where there are none."""
        with translated_errors(self._path):
            return kept(self._connection, capture_id)

    def _locations(self, index: str) -> list[int]:
        try:
            return [place.id for place in places_of(self._connection, self.find(index))]
        except NotFoundError:
            if not index.strip().lower().startswith(("http://", "https://")):
                raise
        rows = self._rows(
            f"{_PORTALS} SELECT id FROM locations WHERE portal IN portals AND key = ?",
            (location_key(index),),
        )
        if not rows:
            raise NotFoundError(f"{index} has never been asked for")
        return [location_id for (location_id,) in rows]

    # --- runs and totals ----------------------------------------------------------------------

    def runs(
        self, *, portal: str | None = None, mode: str | None = None, limit: int | None = None
    ) -> list[Row]:
        """Runs with their figures, newest first, as rows of `runs`."""
        rows = self._rows(
            """SELECT runs.id, portal, mode, job, started_ms, finished_ms, outcome, stopped,
               requests, bytes, figures, problems, ledger_length, ledger_head, hash FROM runs
               LEFT JOIN seals ON run_id = runs.id
               WHERE (:portal IS NULL OR portal = :portal) AND (:mode IS NULL OR mode = :mode)
               ORDER BY runs.id DESC LIMIT :limit""",
            {"portal": portal, "mode": mode, "limit": -1 if limit is None else limit},
        )
        return [self._run_row(*row) for row in rows]

    def past_runs(self, portal: str) -> Iterator[PastRun]:
        """The runs of a portal that have ended, newest first, read as they are asked for."""
        with translated_errors(self._path):
            yield from past_runs(self._connection, portal)

    def totals(self) -> Row:
        """What the archive holds, and the head of its ledger."""
        now = now_ms()
        length, head = self._ledger_head()
        return {
            "documents": self._count("documents WHERE merged_into IS NULL"),
            "withdrawn": self._count("documents WHERE merged_into IS NULL AND withdrawn"),
            "versions": self._count("versions"),
            "bodies": self._count("bodies"),
            "changes": length,
            "changes_last_day": self._count("changes WHERE at_ms >= ?", now - _DAY_MS),
            "changes_last_week": self._count("changes WHERE at_ms >= ?", now - 7 * _DAY_MS),
            "waiting": self._count("frontier"),
            "ledger_head": head,
        }

    def due(self, portal: str, *, limit: int, ceiling_days: float) -> Row:
        """The `limit` locations of a portal whose rereading is worth most, as `due` gives it."""
        # Here, since everything that reads passes through this module.
        from archive.due.assessment import due_now
        from archive.due.presentation import due_row

        with translated_errors(self._path):
            found = due_now(
                self._connection, portal, limit=limit, ceiling_days=ceiling_days, now_ms=now_ms()
            )
        return due_row(portal, limit, ceiling_days, found, self._zone)

    def verify(
        self, readers: Readers, progress: Progress, *, since_ms: int | None = None
    ) -> Fixity:
        """Check that everything is there and as it was recorded (R17).

        `progress` is told what is being checked, how many of it are done, and how many there are.
        With `since_ms`, bytes and readings that runs recorded which ended before are left out.
        """
        return Verification(self._connection, readers, progress, since_ms).run()

    def receipt(
        self,
        index: str,
        *,
        version: int | None = None,
        as_of_ms: int | None = None,
        run_id: int | None = None,
    ) -> Row:
        """What a third party needs to check a version against the seal of a run (R17)."""
        # Here, since everything that reads passes through this module.
        from archive.receipt import receipt

        shown = self._version(self.find(index), index, version, as_of_ms)
        with translated_errors(self._path):
            return receipt(self._connection, shown, run_id)

    def reread(self, readers: Readers, portals: Sequence[str], progress: Progress) -> Rereading:
        """What the present readers would make otherwise of the pages of these portals (R12).

        `progress` is told the portal, how many of its documents are done, and how many there are.
        """
        return Rereading(self._connection, readers, portals, progress)

    @contextmanager
    def holdings(self, selection: Selection, progress: Progress) -> Iterator[Holdings]:
        """What a selection names, to export it: as it is now, whatever a crawl adds meanwhile.

        `progress` is told what is being read, how many of it are done, and how many there are.
        """
        # Here, since everything that reads passes through this module.
        from archive.export.holdings import Holdings

        def sheet(version: Version) -> Row:
            return self._sheet(version.document_id, version, selection.as_of_ms)

        with translated_errors(self._path):
            self._connection.execute("BEGIN")
        try:
            yield Holdings(self._connection, selection, sheet, progress)
        except sqlite3.Error:
            # Nothing else: an error of the file that is written is not the archive's.
            with translated_errors(self._path):
                raise
        finally:
            self._connection.execute("ROLLBACK")

    # --- what is concluded --------------------------------------------------------------------

    def conclusions(
        self,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        *,
        at_ms: int | None = None,
    ) -> Conclusions:
        """What follows from the archive without being recorded in it: claims, conflicts, force.

        At the moment `at_ms`, by default the present one. `progress` is told how many texts have
        been read, and how many there are to read.
        """
        # Here, since everything that reads passes through this module.
        from archive.conclusions import Conclusions

        return Conclusions(self._path, self._connection, self._zone, progress=progress, at_ms=at_ms)

    def watch(self, chosen: WatchList) -> Watch:
        """What belongs to a list that somebody watches."""
        # Here, since everything that reads passes through this module.
        from archive.law.watching import Watch

        return Watch(self._connection, self._readings, chosen)

    # --- the pieces ---------------------------------------------------------------------------

    def _rows(
        self, query: str, values: tuple[object, ...] | dict[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        with translated_errors(self._path):
            return self._connection.execute(query, values).fetchall()

    def _count(self, what: str, *values: object) -> int:
        return int(self._rows(f"SELECT count(*) FROM {what}", values)[0][0])

    def _ledger_head(self) -> tuple[int, str]:
        with translated_errors(self._path):
            length, head = ledger.head(self._connection)
        return length, head.hex()

    def _iso(self, ms: int | None) -> str | None:
        return None if ms is None else to_iso(ms, self._zone)

    def _address(self, location_id: int) -> str:
        return str(self._rows("SELECT url FROM locations WHERE id = ?", (location_id,))[0][0])

    def _document_row(self, document_id: int, version: Version, as_of_ms: int | None = None) -> Row:
        with translated_errors(self._path):
            return document_row(self._connection, self._zone, document_id, version, as_of_ms)

    def _sheet(self, document_id: int, version: Version, as_of_ms: int | None) -> Row:
        reading = self._readings.load(version.reading_id)
        return {
            **self._document_row(document_id, version, as_of_ms),
            "version": version.number,
            "captured_at": self._iso(version.at_ms),
            "confirmed_at": self._iso(self._confirmed_ms(version)),
            "text": reading.text,
            "content_sha256": version.content_sha256.hex(),
            "attachments": [
                attachment_as_json(one) for one in completed_attachments(self._connection, version)
            ],
        }

    def _candidate(self, document_id: int) -> tuple[str, str]:
        version = self._versions(document_id)[-1]
        places = places_of(self._connection, document_id)
        return (places[0].url if places else ""), version.fields.title

    def _versions(self, document_id: int) -> list[Version]:
        rows = self._rows(
            f"SELECT {COLUMNS} FROM versions WHERE document_id = ? ORDER BY number",
            (document_id,),
        )
        return [from_row(row) for row in rows]

    def _version(
        self, document_id: int, index: str, number: int | None, as_of_ms: int | None
    ) -> Version:
        versions = self._versions(document_id)
        if number is not None:
            versions = [one for one in versions if one.number == number]
            if not versions:
                raise NotFoundError(f"{index} has no version {number}; see `yange history {index}`")
        elif as_of_ms is not None:
            first = versions[0]
            versions = [one for one in versions if one.at_ms <= as_of_ms]
            if not versions:
                raise NotFoundError(
                    f"{index} was not in the archive then; it was first seen"
                    f" {self._iso(first.at_ms)}"
                )
        return versions[-1]

    def _confirmed_ms(self, version: Version) -> int:
        """When the location of a version last showed it: before the next version was seen."""
        row = self._rows(
            """SELECT max(at_ms) FROM captures WHERE location_id = :location AND id >= :capture
               AND outcome IN (:document, :unchanged) AND id < coalesce(
                 (SELECT min(capture_id) FROM versions
                  WHERE document_id = :id AND number > :number AND capture_id > :capture),
                 9223372036854775807)""",
            {
                "location": version.location_id,
                "capture": version.capture_id,
                "document": Outcome.DOCUMENT,
                "unchanged": Outcome.UNCHANGED,
                "id": version.document_id,
                "number": version.number,
            },
        )[0]
        return int(row[0] or version.at_ms)

    def _in_one_reading(
        self, old: Version, new: Version, readers: Readers, portal: str
    ) -> tuple[State, State]:
        pages = [self._page(one.reading_id) for one in (old, new)]
        readings = [self._readings.load(one.reading_id) for one in (old, new)]
        if readings[0].reader != readings[1].reader:
            reader = readers.current(portal)
            readings = [
                reader.read(
                    read_body(self._connection, page.body_id),
                    url=page.url,
                    content_type=page.content_type,
                )
                for page in pages
            ]
        return (
            state_of(readings[0], completed_attachments(self._connection, old)),
            state_of(readings[1], completed_attachments(self._connection, new)),
        )

    def _page(self, reading_id: int) -> Page:
        row = self._rows(
            """SELECT readings.body_id, readings.location_id, url, content_type FROM readings
               JOIN locations ON locations.id = readings.location_id WHERE readings.id = ?""",
            (reading_id,),
        )[0]
        return Page(*row)

    def _run_row(
        self,
        run_id: int,
        portal: str,
        mode: str,
        job: str | None,
        started: int,
        finished: int | None,
        outcome: str,
        stopped: str | None,
        requests: int,
        received: int,
        figures: str,
        problems: str,
        ledger_length: int | None,
        ledger_head: bytes | None,
        seal: bytes | None,
    ) -> Row:
        so_far = (
            figures_of(self._connection, run_id)
            if outcome == RunOutcome.RUNNING
            else Figures(**orjson.loads(figures))
        )
        return {
            "id": run_id,
            "portal": portal,
            "mode": mode,
            "job": job,
            "started_at": self._iso(started),
            "finished_at": self._iso(finished),
            "outcome": outcome,
            "stopped": stopped,
            "requests": requests,
            **{name: getattr(so_far, name) for name in Figures.__slots__},
            "bytes": received,
            "problems": orjson.loads(problems),
            "ledger_length": ledger_length,
            "ledger_head": ledger_head.hex() if ledger_head else None,
            "seal": seal.hex() if seal else None,
        }
