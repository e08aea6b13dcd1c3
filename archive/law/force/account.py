"""What all texts together claim about each document, as far as they stood at a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple, TypeGuard

from archive.law.claims.claim import Claim, ClaimKind
from archive.law.force.matching import Matcher
from archive.law.force.register import Document, Edition, Register
from archive.law.words.dates import last_day


class Statement(NamedTuple):
    """A claim with the version that makes it and the document that it is about.

    `target` is None while no document of the archive matches.
    """

    source: Document
    edition: Edition
    claim: Claim
    target: Document | None

    @property
    def is_of_itself(self) -> bool:
        """Whether a document speaks of itself."""
        return self.claim.of_itself


class Force(NamedTuple):
    """From when until when a document is in force by what is claimed; None for what is not said.

    `last` is the last day by its own term or a later extension of it. `repeals` are the claims
    that others end it.
    """

    start: date | None
    last: date | None
    repeals: tuple[Statement, ...]
    says_last: Statement | None = None

    @property
    def end(self) -> date | None:
        """The first day on which it is no longer in force; None if nothing ends it."""
        ends = [
            date.fromisoformat(one.claim.effective_on)
            for one in self.repeals
            if one.claim.effective_on
        ]
        if self.last is not None and self.last < date.max:
            ends.append(date.fromordinal(self.last.toordinal() + 1))
        return min(ends, default=None)


class Account:
    """All statements of an archive, by source and by target.

    `claims_of` gives the claims of a version.
    """

    def __init__(
        self, register: Register, claims_of: Callable[[Edition], tuple[Claim, ...]]
    ) -> None:
        self.register = register
        self._matcher = Matcher(register)
        self._about: defaultdict[int, list[Statement]] = defaultdict(list)
        self._claims_of = claims_of
        for document in register.documents.values():
            for edition in document.editions:
                for one in self.statements(document, edition):
                    if one.target is not None:
                        self._about[one.target.id].append(one)

    def statements(self, document: Document, edition: Edition) -> Iterator[Statement]:
        """What a version claims; a claim about a text published twice, once for each of them."""
        for claim in self._claims_of(edition):
            found: list[Document | None] = [*self._matcher.targets(claim, document)]
            for target in found or [None]:
                yield Statement(document, edition, claim, target)

    def about(self, document: Document) -> list[Statement]:
        """What any version of any document has claimed about a document."""
        return self._about.get(document.id, [])

    def documents(self) -> Iterator[Document]:
        """The documents that anything is claimed about."""
        for document_id in self._about:
            yield self.register.documents[document_id]

    def force(self, document: Document, standing: Callable[[Document], Edition | None]) -> Force:
        """What is claimed of a document's force by the versions that stand.

        `standing` gives the version of a document that stands, None for one not yet seen.
        """
        start: date | None = None
        own: list[tuple[date, Statement]] = []
        extensions = []
        repeals = []
        for one in self.about(document):
            if standing(one.source) is not one.edition:
                continue
            day = _day(one.claim)
            if one.claim.kind is ClaimKind.REPEALS:
                if self._comes_about(one, standing):
                    repeals.append(one)
            elif one.claim.kind is ClaimKind.EFFECTIVE_FROM and day and one.is_of_itself:
                # The last one is of the rules that a notice issues, not of the notice.
                start = day
            elif one.claim.kind is ClaimKind.TERM and day and one.claim.period:
                last = last_day(day, one.claim.period)
                if last is not None:
                    own.append((last, one))
            elif one.claim.kind is ClaimKind.EFFECTIVE_UNTIL and day and one.is_of_itself:
                own.append((day, one))
            elif one.claim.kind in (ClaimKind.EFFECTIVE_UNTIL, ClaimKind.EXTENDS):
                extensions.append(one)
        first: tuple[date | None, Statement | None] = (None, None)
        last, says = _extended(max(own, key=lambda pair: pair[0], default=first), extensions)
        return Force(start, last, tuple(repeals), says)

    def ends_of(self, source: Document) -> list[Statement]:
        """What any version of any document has claimed about the end of a document."""
        return [one for one in self.about(source) if one.claim.kind is ClaimKind.REPEALS]

    def _comes_about(
        self, repeal: Statement, standing: Callable[[Document], Edition | None]
    ) -> bool:
        """Whether the text that ends a document is itself in force on the day of it.

        What has ended stays so when that text ends later.
        """
        day = repeal.claim.effective_on
        return day is None or not any(
            one.claim.effective_on is not None and one.claim.effective_on < day
            for one in self.ends_of(repeal.source)
            if standing(one.source) is one.edition
        )


def _extended(
    own: tuple[date | None, Statement | None], extensions: list[Statement]
) -> tuple[date | None, Statement | None]:
    """A last day and who says so, after all extensions: what is said later prevails.

    An extension by a span, of an end that nobody names, says nothing yet. One that is published
    twice extends once.
    """

    def order(one: Statement) -> tuple[str, bool, str]:
        # Who names a day as well as a span has done the counting.
        until = one.claim.kind is ClaimKind.EFFECTIVE_UNTIL
        return one.edition.day or "", until, one.claim.effective_on or ""

    last, says = own
    counted: set[tuple[str | None, str | None, str | None]] = set()
    for one in sorted(extensions, key=order):
        day, period = _day(one.claim), one.claim.period
        if one.claim.kind is ClaimKind.EFFECTIVE_UNTIL:
            last, says = day or last, one
            continue
        begins = day or (date.fromordinal(last.toordinal() + 1) if _can_grow(last) else None)
        key = one.edition.day, one.claim.effective_on, period
        if begins is None or period is None or key in counted:
            continue
        counted.add(key)
        longer = last_day(begins, period)
        if longer is not None:
            last, says = longer, one
    return last, says


def _can_grow(last: date | None) -> TypeGuard[date]:
    return last is not None and last < date.max


def _day(claim: Claim) -> date | None:
    return date.fromisoformat(claim.effective_on) if claim.effective_on else None
