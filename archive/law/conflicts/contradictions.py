"""Where the portal's word for a document is at odds with dates, its own text, or another document.

For each document that anything speaks against, the moments are walked at which something changed:
a version appeared, here or of a document that speaks of it, a day came, it was withdrawn. Between
two of them nothing can begin or end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from archive.instants import to_ms
from archive.law.conflicts.conflict import Conflict, ConflictKind, Row, conflict_id
from archive.law.force.account import Account, Force, Statement
from archive.law.force.register import Document, Edition

_Found = dict[tuple[ConflictKind, Document | None], Row]


class Contradictions:
    """Finds them in an account; `now_ms` is the moment up to which days have passed in `zone`.

    `address` gives the address of a location, `statement_row` a claim as `claims` gives it.
    """

    def __init__(
        self,
        account: Account,
        *,
        now_ms: int,
        zone: tzinfo,
        address: Callable[[int], str],
        statement_row: Callable[[Statement], Row],
    ) -> None:
        self._account = account
        self._now_ms = now_ms
        self._zone = zone
        self._address = address
        self._statement_row = statement_row

    def __iter__(self) -> Iterator[Conflict]:
        for document in self._account.register.documents.values():
            if self._account.about(document) or any(
                one.repealed_on is not None for one in document.editions
            ):
                yield from self._of(document)

    def _of(self, document: Document) -> Iterator[Conflict]:
        spells: defaultdict[tuple[ConflictKind, str], list[list[int | None]]] = defaultdict(list)
        told: dict[tuple[ConflictKind, str, int], tuple[Row, Document | None]] = {}
        open_now: set[tuple[ConflictKind, str]] = set()
        for at_ms in self._moments(document):
            found = self._at(document, at_ms)
            by_key = {
                (kind, other.identity if other else ""): (row, other)
                for (kind, other), row in found.items()
            }
            for key in open_now - set(by_key):
                spells[key][-1][1] = at_ms
            for key, evidence in by_key.items():
                if key not in open_now:
                    spells[key].append([at_ms, None])
                told[(*key, len(spells[key]))] = evidence
            open_now = set(by_key)
        for (kind, other_identity), times in spells.items():
            for spell, (first, resolved) in enumerate(times, 1):
                row, other = told[kind, other_identity, spell]
                assert first is not None
                yield Conflict(
                    id=conflict_id(kind, document.identity, other_identity, spell=spell),
                    kind=kind,
                    portal=document.portal,
                    index_number=document.current.index_number,
                    evidence=row,
                    first_seen_ms=first,
                    resolved_ms=resolved,
                    document_ids=(document.id, other.id) if other else (document.id,),
                )

    def _moments(self, document: Document) -> list[int]:
        """The moments until now at which anything about a document can have begun or ended."""
        statements = self._account.about(document)
        moments = {one.known_ms for one in document.editions}
        moments |= {at_ms for at_ms, _ in document.withdrawals}
        days: set[date] = set()
        for one in document.editions:
            if one.repealed_on is not None:
                days |= _around(date.fromisoformat(one.repealed_on))
        for statement in statements:
            moments |= {one.known_ms for one in statement.source.editions}
            # What ends the text that speaks may come before what that says.
            for end in self._account.ends_of(statement.source):
                moments |= {one.known_ms for one in end.source.editions}
            if statement.claim.effective_on is not None:
                days |= _around(date.fromisoformat(statement.claim.effective_on))
        standing = {moment: self._force(document, moment) for moment in moments}
        for force in standing.values():
            if force.last is not None:
                days |= _around(force.last)
        moments |= {self._start_of(day) for day in days}
        return sorted(one for one in moments if one <= self._now_ms)

    def _force(self, document: Document, at_ms: int) -> Force:
        return self._account.force(document, lambda one: one.known(at_ms))

    def _start_of(self, day: date) -> int:
        return to_ms(datetime.combine(day, time.min, self._zone))

    def _at(self, document: Document, at_ms: int) -> _Found:
        """What is at odds at a moment."""
        shown = document.known(at_ms)
        if shown is None or document.is_withdrawn(at_ms):
            return {}
        today = datetime.fromtimestamp(at_ms / 1000, self._zone).date()
        force = self._force(document, at_ms)
        ended = [one for one in force.repeals if _has_come(one.claim.effective_on, today)]
        if shown.is_shown_in_force:
            return self._shown_in_force(shown, force, ended, today)
        if shown.is_shown_ended and not ended:
            return self._shown_ended(shown, force, today)
        return {}

    def _shown_in_force(
        self, shown: Edition, force: Force, ended: list[Statement], today: date
    ) -> _Found:
        found: _Found = {}
        if shown.repealed_on is not None and date.fromisoformat(shown.repealed_on) < today:
            found[ConflictKind.PAST_REPEALED_ON, None] = self._evidence(shown)
        if force.last is not None and force.last < today:
            found[ConflictKind.PAST_OWN_TERM, None] = self._term(shown, force)
        for one in ended:
            found[ConflictKind.REPEALED_BY_ANOTHER, one.source] = {
                **self._evidence(shown),
                "claim": self._statement_row(one),
                "by_title": one.edition.title,
                "by_url": self._address(one.edition.location_id),
            }
        return found

    def _shown_ended(self, shown: Edition, force: Force, today: date) -> _Found:
        if shown.repealed_on is not None:
            ahead = date.fromisoformat(shown.repealed_on) > today
            evidence = self._evidence(shown)
        else:
            ahead = force.last is not None and force.last >= today
            evidence = self._term(shown, force)
        return {(ConflictKind.ENDED_TOO_EARLY, None): evidence} if ahead else {}

    def _evidence(self, shown: Edition) -> Row:
        return {
            "title": shown.title,
            "url": self._address(shown.location_id),
            "version": shown.number,
            "validity_label": shown.validity_label,
            "repealed_on": shown.repealed_on,
        }

    def _term(self, shown: Edition, force: Force) -> Row:
        return {
            **self._evidence(shown),
            "last_day": force.last.isoformat() if force.last else None,
            "claim": self._statement_row(force.says_last) if force.says_last else None,
        }


def _has_come(effective_on: str | None, today: date) -> bool:
    """Whether a repeal has taken effect; one without a day does with its publication."""
    return effective_on is None or date.fromisoformat(effective_on) <= today


def _around(day: date) -> set[date]:
    return {day, day + timedelta(days=1)} if day < date.max else {day}
