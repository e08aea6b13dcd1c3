"""Which documents are in force on a day: what the portal said, and what the texts claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from archive.fields import Validity
from archive.instants import to_ms
from archive.law.force.account import Account, Force
from archive.law.force.register import Document, Edition


class Standing(StrEnum):
    """What an account says of a document on a day."""

    IN_FORCE = "in_force"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A document on a day by both accounts; None where one says nothing."""

    document: Document
    edition: Edition
    """The version that stood on that day, or the first one where it was not yet seen."""
    portal: Standing | None
    claims: Standing | None

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return self.portal is not None and self.claims is not None and self.portal != self.claims


def judgements(account: Account, day: date, *, today: date, zone: tzinfo) -> Iterator[Judgement]:
    """Every document by both accounts on a day, the portal's as of its end.

    A day before the archive knew a document is answered by the claims of its first version.
    """
    end_ms = _end_of(day, zone)
    for document in account.register.documents.values():
        seen = document.standing(end_ms)
        yield Judgement(
            document,
            seen or document.editions[0],
            _by_portal(document, seen, day, today, end_ms),
            _by_claims(account, document, day, end_ms),
        )


def _by_portal(
    document: Document, seen: Edition | None, day: date, today: date, end_ms: int
) -> Standing | None:
    """What the portal said: by its word, and where it has none, by a 废止日期 that has come.

    Of a day still ahead its word says only so much: a 废止日期 until then outweighs it.
    """
    if seen is None or document.is_withdrawn(end_ms):
        return None
    repealed = seen.repealed_on is not None and date.fromisoformat(seen.repealed_on) <= day
    if seen.is_shown_ended:
        return Standing.NOT_IN_FORCE
    if seen.validity is Validity.NOT_YET_VALID:
        return Standing.NOT_IN_FORCE if day <= today else None
    if seen.is_shown_in_force:
        return Standing.NOT_IN_FORCE if repealed and day > today else Standing.IN_FORCE
    return Standing.NOT_IN_FORCE if repealed else None


def _by_claims(account: Account, document: Document, day: date, end_ms: int) -> Standing | None:
    """What the texts claim, each as it stood on that day, or as it was first seen after it."""

    def standing(one: Document) -> Edition | None:
        return one.standing(end_ms) or one.editions[0]

    if not account.about(document):
        return None
    return by_claims(account.force(document, standing), document, day)


def by_claims(force: Force, document: Document, day: date) -> Standing | None:
    """What a document's claims say of a day; None where they say nothing of it."""
    end = force.end
    if end is None and any(one.claim.effective_on is None for one in force.repeals):
        return None
    if end is not None and day >= end:
        return Standing.NOT_IN_FORCE
    if force.start is not None:
        return Standing.IN_FORCE if day >= force.start else Standing.NOT_IN_FORCE
    if end is None:
        return None
    # What ends was in force before, at the earliest from its own day on.
    own_day = document.editions[0].day
    return Standing.IN_FORCE if own_day and day.isoformat() >= own_day else None


def _end_of(day: date, zone: tzinfo) -> int:
    if day == date.max:
        return to_ms(datetime.combine(day, time.max, zone))
    return to_ms(datetime.combine(day + timedelta(days=1), time.min, zone)) - 1
