"""What does not fit together in index numbers and copies: collisions, divergences, gaps."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from archive.law.conflicts.conflict import Conflict, ConflictKind, Row, conflict_id
from archive.law.force.register import Document, Register
from archive.locations import location_key
from archive.numbers import parts_of
from archive.places import Status

# A portal of which only some columns are watched shows a few numbers out of thousands: what is
# missing there is no gap. In a series of which a third is there, it is.
_DENSE = 3
_MOST_NAMED = 100


class Numbering:
    """Finds them by what the ledger tells, and by the numbers of all versions."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        register: Register,
        address: Callable[[int], str],
    ) -> None:
        self._connection = connection
        self._register = register
        self._address = address

    # --- one number, two documents ----------------------------------------------------------------

    def collisions(self) -> Iterator[Conflict]:
        """Documents that go by one number, until one of them is renumbered or withdrawn."""
        spells: Counter[tuple[str, str]] = Counter()
        until: dict[tuple[str, str], int | None] = {}
        for document_id, portal, at_ms, number, before, url in self._connection.execute(
            """SELECT document_id, portal, at_ms, index_number, before, url FROM changes
               WHERE kind = 'collision' ORDER BY seq"""
        ):
            one = self._register.documents.get(self._register.root(document_id))
            other = self._document_at(portal, before)
            if one is None:
                continue
            resolved = self._parted(document_id, one, other, number, at_ms)
            identities = sorted((one.identity, other.identity if other else location_key(before)))
            key = (identities[0], identities[1])
            # Either of the two can be the one that tells of it.
            if key in until and (until[key] is None or at_ms < (until[key] or 0)):
                continue
            spells[key] += 1
            until[key] = resolved
            yield Conflict(
                id=conflict_id(ConflictKind.COLLISION, *key, spell=spells[key]),
                kind=ConflictKind.COLLISION,
                portal=portal,
                index_number=number,
                evidence={
                    "number": number,
                    "documents": [
                        {"title": each.current.title, "url": address}
                        for each, address in ((other, before), (one, url))
                        if each is not None
                    ],
                },
                first_seen_ms=at_ms,
                resolved_ms=resolved,
                document_ids=tuple(each.id for each in (one, other) if each is not None),
            )

    def _parted(
        self,
        document_id: int,
        one: Document,
        other: Document | None,
        number: str | None,
        at_ms: int,
    ) -> int | None:
        """When two documents with one number no longer had it, or were no longer two."""
        if other is None or one.id == other.id:
            merged = self._connection.execute(
                "SELECT max(at_ms) FROM changes WHERE document_id = ? AND at_ms >= ?",
                (document_id, at_ms),
            ).fetchone()[0]
            return int(merged)
        ends = []
        for each in (one, other):
            ends += [
                edition.known_ms
                for edition in each.editions
                if edition.known_ms > at_ms and edition.index_number != number
            ][:1]
            ends += [since for since, gone in each.withdrawals if gone and since > at_ms][:1]
        return min(ends, default=None)

    # --- two copies that disagree -----------------------------------------------------------------

    def divergences(self) -> Iterator[Conflict]:
        """Copies that disagree, until they agree again or one of them is gone."""
        events: defaultdict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
        for document_id, portal, at_ms, low, high in self._connection.execute(
            """SELECT document_id, portal, at_ms, before, after FROM changes
               WHERE kind = 'divergence' ORDER BY seq"""
        ):
            events[portal, low, high].append((at_ms, document_id))
        for (portal, low, high), told in events.items():
            for spell, (at_ms, document_id) in enumerate(told, 1):
                document = self._register.documents.get(self._register.root(document_id))
                if document is None:
                    continue
                # It is told once until the copies have agreed again: another time means they had.
                before_ms = told[spell][0] if spell < len(told) else None
                yield Conflict(
                    id=conflict_id(
                        ConflictKind.DIVERGENCE, document.identity, low, high, spell=spell
                    ),
                    kind=ConflictKind.DIVERGENCE,
                    portal=portal,
                    index_number=document.current.index_number,
                    evidence={"title": document.current.title, "locations": [low, high]},
                    first_seen_ms=at_ms,
                    resolved_ms=self._agreed(portal, low, high, at_ms, before_ms),
                    document_ids=(document.id,),
                )

    def _agreed(
        self, portal: str, low: str, high: str, at_ms: int, before_ms: int | None
    ) -> int | None:
        """When two copies agreed again after `at_ms`, or one of them was gone."""
        places = {
            place: (status, document_id)
            for place, status, document_id in self._connection.execute(
                "SELECT id, status, document_id FROM locations WHERE portal = ? AND key IN (?, ?)",
                (portal, location_key(low), location_key(high)),
            )
        }
        low_id, high_id = (min(places, default=0), max(places, default=0))
        if before_ms is None:
            judged = self._connection.execute(
                "SELECT agree FROM copies WHERE low_location = ? AND high_location = ?",
                (low_id, high_id),
            ).fetchone()
            stand = len(places) == 2 and all(one[0] == Status.LIVE for one in places.values())
            same = len({document_id for _, document_id in places.values()}) == 1
            if stand and same and judged is not None and not judged[0]:
                return None
        # The last thing that either showed, or did not show any more.
        row = self._connection.execute(
            """SELECT max(at_ms) FROM captures WHERE location_id IN (?, ?) AND at_ms > ?
                AND (? IS NULL OR at_ms < ?) AND outcome <> 'not_modified'""",
            (low_id, high_id, at_ms, before_ms, before_ms),
        ).fetchone()
        return int(row[0] or before_ms or at_ms)

    def _document_at(self, portal: str, url: str) -> Document | None:
        row = self._connection.execute(
            "SELECT document_id FROM locations WHERE portal = ? AND key = ?",
            (portal, location_key(url)),
        ).fetchone()
        if row is None or row[0] is None:
            return None
        return self._register.documents.get(self._register.root(row[0]))

    # --- numbers that nobody has ------------------------------------------------------------------

    def gaps(self) -> Iterator[Conflict]:
        """Series of index numbers in which some are missing, judged after each run."""
        for (portal, series), entries in sorted(_series(self._register).items()):
            yield from _gaps(portal, series, entries)


class _Entry(NamedTuple):
    """A serial that was first seen in a run, as it was written, by the document `document_id`."""

    run_id: int
    at_ms: int
    serial: int
    width: int
    document_id: int


def _series(register: Register) -> dict[tuple[str, str], list[_Entry]]:
    """By portal and series (`ORGANISATION/YEAR`), the serials in the order of the runs."""
    series: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
    for document in register.documents.values():
        for one in document.editions:
            parts = parts_of(one.index_number) if one.index_number else None
            if parts is None or not parts.organisation:
                continue
            year, _, serial = parts.serial.partition("-")
            key = (document.portal, f"{parts.organisation}/{year}")
            entry = _Entry(one.run_id, one.known_ms, int(serial), len(serial), document.id)
            series[key].append(entry)
    return series


def _gaps(portal: str, series: str, entries: list[_Entry]) -> Iterator[Conflict]:
    entries.sort()
    seen: set[int] = set()
    spell = 0
    opened: tuple[int, Row, tuple[int, ...]] | None = None
    for place, entry in enumerate(entries):
        seen.add(entry.serial)
        if place + 1 < len(entries) and entries[place + 1].run_id == entry.run_id:
            continue  # a run reads a list from its newest entry on: judged when it is through
        low, high = min(seen), max(seen)
        span = high - low + 1
        gap = len(seen) < span <= len(seen) * _DENSE
        if gap:
            known = entries[: place + 1]
            if opened is None:
                spell += 1
                opened = (entry.at_ms, {}, ())
            opened = (
                opened[0],
                _gap_evidence(portal, series, seen, known),
                tuple(sorted({one.document_id for one in known})),
            )
        elif opened is not None:
            yield _gap(portal, series, spell, opened, entry.at_ms)
            opened = None
    if opened is not None:
        yield _gap(portal, series, spell, opened, None)


def _gap(
    portal: str,
    series: str,
    spell: int,
    opened: tuple[int, Row, tuple[int, ...]],
    resolved_ms: int | None,
) -> Conflict:
    first_seen_ms, evidence, documents = opened
    return Conflict(
        id=conflict_id(ConflictKind.SERIAL_GAP, portal, series, spell=spell),
        kind=ConflictKind.SERIAL_GAP,
        portal=portal,
        index_number=None,
        evidence=evidence,
        first_seen_ms=first_seen_ms,
        resolved_ms=resolved_ms,
        document_ids=documents,
    )


def _gap_evidence(portal: str, series: str, seen: set[int], known: list[_Entry]) -> Row:
    low, high = min(seen), max(seen)
    width = Counter(one.width for one in known).most_common(1)[0][0]
    missing = []
    for serial in range(low, high + 1):
        if serial not in seen:
            missing.append(f"{series}-{serial:0{width}d}")
            if len(missing) == _MOST_NAMED:
                break
    return {
        "portal": portal,
        "series": series,
        "first": f"{series}-{low:0{width}d}",
        "last": f"{series}-{high:0{width}d}",
        "present": len(seen),
        "missing_count": high - low + 1 - len(seen),
        "missing": missing,
    }
