"""Every document with the versions it has had, as far as conclusions need them: read in one pass.

What stood when is told by the versions themselves, so the same archive always gives the same
answers, whenever it is asked.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.fields import Validity

_IN_FORCE = frozenset({Validity.VALID, Validity.PARTLY_VALID, Validity.AMENDED})
_ENDED = frozenset({Validity.INVALID, Validity.REPEALED})


class Edition(NamedTuple):
    """A version as conclusions see it.

    `at_ms` is when it was first seen, `known_ms` the last thing that its run recorded: a run meets
    a document before another that speaks of it, and what fits together at its end always did.
    """

    id: int
    number: int
    run_id: int
    location_id: int
    at_ms: int
    title: str
    index_number: str | None
    document_number: str | None
    agency: str | None
    category: str | None
    written_on: str | None
    published_at: str | None
    repealed_on: str | None
    validity_label: str | None
    validity: Validity
    digest: bytes
    known_ms: int

    @property
    def is_shown_in_force(self) -> bool:
        """Whether the portal's word for it says that it is in force."""
        return self.validity in _IN_FORCE

    @property
    def is_shown_ended(self) -> bool:
        """Whether the portal's word for it says that it is in force no more."""
        return self.validity in _ENDED

    @property
    def day(self) -> str | None:
        """The day of the document, as an ISO date: when it was written, else published."""
        return self.written_on or (self.published_at[:10] if self.published_at else None)


@dataclass(slots=True, eq=False)
class Document:
    """A document, its versions from the first on, and when it was withdrawn and restored."""

    id: int
    portal: str
    editions: list[Edition] = field(default_factory=list)
    withdrawals: list[tuple[int, bool]] = field(default_factory=list)
    """(instant, whether it was withdrawn from then on), by time."""

    @property
    def current(self) -> Edition:
        """The newest version."""
        return self.editions[-1]

    @property
    def identity(self) -> str:
        """What names the document for ever: its first version's digest."""
        return self.editions[0].digest.hex()

    def standing(self, at_ms: int) -> Edition | None:
        """The version that stood at a moment; None before the document was first seen."""
        return self._last(at_ms, [one.at_ms for one in self.editions])

    def known(self, at_ms: int) -> Edition | None:
        """The same, with what each run recorded known at its end."""
        return self._last(at_ms, [one.known_ms for one in self.editions])

    def _last(self, at_ms: int, times: list[int]) -> Edition | None:
        if times == sorted(times):
            place = bisect_right(times, at_ms)
            return self.editions[place - 1] if place else None
        # A capture that a person accepted later can be older than the version before it.
        earlier = [one for one, ms in zip(self.editions, times, strict=True) if ms <= at_ms]
        return earlier[-1] if earlier else None

    def is_withdrawn(self, at_ms: int) -> bool:
        """Whether the portal had withdrawn it at a moment."""
        state = False
        for since, withdrawn in self.withdrawals:
            if since > at_ms:
                break
            state = withdrawn
        return state


_VALIDITIES = {str(one): one for one in Validity}


class _Once:
    """Holds equal values once: what versions state is mostly what the one before it did."""

    _MOST = 1 << 16

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def held(self, value: str | None) -> str | None:
        """The same value, as it was met first."""
        if value is None:
            return None
        if len(self._known) > self._MOST:
            # Titles and numbers of documents that are behind us.
            self._known.clear()
        return self._known.setdefault(value, value)


class Register:
    """The documents of an archive by their ids, with those that turned out to be another one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.documents: dict[int, Document] = {}
        self.merged: dict[int, int] = {}
        self.former: list[tuple[int, str, str | None]] = []
        """Document, title and number of versions that went over into another document."""
        for document_id, portal, merged_into in connection.execute(
            "SELECT id, portal, merged_into FROM documents ORDER BY id"
        ):
            if merged_into is None:
                self.documents[document_id] = Document(document_id, portal)
            else:
                self.merged[document_id] = merged_into
        known_ms = dict(
            connection.execute("SELECT run_id, max(at_ms) FROM changes GROUP BY run_id")
        )
        once = _Once()
        for (
            document_id,
            key,
            number,
            run_id,
            location_id,
            at_ms,
            validity,
            digest,
            *said,
        ) in connection.execute(
            """SELECT document_id, id, number, run_id, location_id, at_ms, validity, digest,
                   title, index_number, document_number, issuing_agency, category, written_on,
                   published_at, repealed_on, validity_label
                   FROM versions ORDER BY document_id, number"""
        ):
            known = self.documents.get(document_id)
            at_end = known_ms.get(run_id, at_ms)
            edition = Edition._make(
                (
                    *(key, number, run_id, location_id, at_ms),
                    *map(once.held, said),
                    *(_VALIDITIES[validity], digest, at_end),
                )
            )
            if known is not None:
                known.editions.append(edition)
            elif document_id in self.merged:
                # Else it came while this is read, and is for the next time.
                root = self.root(document_id)
                self.former.append((root, edition.title, edition.document_number))
        for document_id, run_id, kind in connection.execute(
            """SELECT document_id, run_id, kind FROM changes
               WHERE kind IN ('withdrawn', 'restored') ORDER BY seq"""
        ):
            known = self.documents.get(self.root(document_id))
            if known is not None:
                known.withdrawals.append((known_ms[run_id], kind == "withdrawn"))
        # A document gets its first version in the transaction that makes it.
        self.documents = {key: one for key, one in self.documents.items() if one.editions}

    def root(self, document_id: int) -> int:
        """The document that this one turned out to be."""
        while document_id in self.merged:
            document_id = self.merged[document_id]
        return document_id
