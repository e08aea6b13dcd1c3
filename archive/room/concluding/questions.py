"""What conclusions are asked for: each function runs in the process apart, and answers plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

from archive.conclusions import Conclusions
from archive.errors import NotFoundError
from archive.law.conflicts.conflict import Conflict, ConflictKind
from archive.law.force.account import Statement
from archive.settings import WatchList

Row = dict[str, Any]
_T = TypeVar("_T")


class Claimed(NamedTuple):
    """A claim as `claims` has it, with the archive's numbers for the documents it is of and about.

    `says` is the title of the document that says so.
    """

    row: Row
    source: int
    target: int | None
    says: str


class Found(NamedTuple):
    """A conflict with the documents that it concerns: the archive's number and title of each.

    Of a gap in a series, which concerns all of them, none.
    """

    conflict: Conflict
    documents: tuple[tuple[int, str], ...]


class Part(NamedTuple):
    """Some of the items of a list, and how many there are in all."""

    items: list[Any]
    total: int

    def has_more(self, offset: int) -> bool:
        """Whether there are more behind these."""
        return offset + len(self.items) < self.total


class Conflicts(NamedTuple):
    """A part of the conflicts, and how many there are of each kind, whichever are chosen."""

    part: Part
    by_kind: dict[ConflictKind, int]


class OfDay(NamedTuple):
    """A part of what was in force on a day: rows with the archive's numbers for their documents.

    `total` is how many there are by either account, `differ` of how many the accounts differ.
    """

    part: Part
    total: int
    differ: int


class OfDocument(NamedTuple):
    """What is concluded about one document.

    What its version says of itself and of others; what others say of it; what does not fit.
    """

    own: list[Claimed]
    about: list[Claimed]
    conflicts: list[Found]


def read_all(found: Conclusions) -> None:
    """Have all texts read, and who speaks of whom worked out."""
    found.conflicts()


def claims(
    found: Conclusions, document: int | None, version: int | None, offset: int, limit: int
) -> Part:
    """Claims of one document or of all."""
    return _part(
        found.statements(document, version), offset, limit, lambda one: _claimed(found, one)
    )


def of_document(found: Conclusions, document: int, version: int | None) -> OfDocument:
    """What is concluded about a document; of one of its versions, what that says."""
    return OfDocument(
        own=[_claimed(found, one) for one in found.statements(document, version)],
        about=[_claimed(found, one) for one in found.about(document)],
        conflicts=[
            _found(found, one)
            for one in found.conflicts()
            if document in one.document_ids and one.kind is not ConflictKind.SERIAL_GAP
        ],
    )


def conflicts(
    found: Conclusions,
    kinds: tuple[str, ...],
    portal: str | None,
    document: int | None,
    watch: WatchList | None,
    *,
    resolved: bool,
    newest_first: bool = False,
    offset: int,
    limit: int,
) -> Conflicts:
    """What does not fit together, the oldest first unless it is said."""
    seen = None if watch is None else found.watch(watch)
    known = found.conflicts(resolved=resolved)
    every = [
        one
        for one in (known[::-1] if newest_first else known)
        if (portal is None or one.portal == portal)
        and (document is None or document in one.document_ids)
        and (seen is None or seen.has_any(one.document_ids))
    ]
    counts = Counter(one.kind for one in every)
    chosen = [one for one in every if not kinds or one.kind in kinds]
    return Conflicts(
        _part(chosen, offset, limit, lambda one: _found(found, one)),
        {kind: counts[kind] for kind in ConflictKind if counts[kind]},
    )


def conflict(found: Conclusions, identity: str) -> Found:
    """One conflict, open or resolved. Raises NotFoundError."""
    for one in found.conflicts(resolved=True):
        if one.id == identity:
            return _found(found, one)
    raise NotFoundError(f"there is no conflict {identity}")


def in_force(
    found: Conclusions,
    day: date,
    portal: str | None,
    agency: str | None,
    category: str | None,
    document: int | None,
    *,
    differing: bool = False,
    offset: int,
    limit: int,
) -> OfDay:
    """What was in force on a day by either account; with `differing`, where they differ alone."""
    rows = [
        (row, one.id)
        for row, one in found.in_force_with_documents(
            day, portal=portal, agency=agency, category=category
        )
        if document is None or one.id == document
    ]
    differ = [one for one in rows if one[0]["differs"]]
    part = _part(differ if differing else rows, offset, limit, lambda one: one)
    return OfDay(part, len(rows), len(differ))


def calendar(
    found: Conclusions,
    until: date | None,
    portal: str | None,
    document: int | None,
    watch: WatchList | None,
) -> list[tuple[Row, int]]:
    """What will run out, the soonest first, with the archive's numbers for the documents."""
    seen = None if watch is None else found.watch(watch)
    return [
        (row, one.id)
        for row, one in found.calendar(until=until)
        if (portal is None or one.portal == portal)
        and (document is None or one.id == document)
        and (seen is None or seen.has_document(one.id))
    ]


def _part(items: list[_T], offset: int, limit: int, told: Callable[[_T], object]) -> Part:
    return Part([told(one) for one in items[offset : offset + limit]], len(items))


def _claimed(found: Conclusions, one: Statement) -> Claimed:
    return Claimed(
        found.statement_row(one),
        one.source.id,
        None if one.target is None else one.target.id,
        one.edition.title,
    )


def _found(found: Conclusions, one: Conflict) -> Found:
    if one.kind is ConflictKind.SERIAL_GAP:
        return Found(replace(one, document_ids=()), ())
    return Found(one, tuple((each, found.title(each)) for each in one.document_ids))
