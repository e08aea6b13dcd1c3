"""Whoever is asked for the conclusions of several archives: each is asked, all are told as one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from inspect import signature
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

from archive.across.held import Held
from archive.conclusions import Conclusions
from archive.errors import ArchiveUnusableError, NotFoundError
from archive.law.conflicts.conflict import ConflictKind, in_order
from archive.room.concluding.concluder import Concluder
from archive.room.concluding.questions import (
    Claimed,
    Conflicts,
    Found,
    OfDay,
    OfDocument,
    Part,
    Row,
)
from archive.room.sources import Sources

_P = ParamSpec("_P")
_T = TypeVar("_T")
# Of what is asked of each archive with an earlier one's time already gone.
_LEAST_SECONDS = 0.05


class Asked(NamedTuple):
    """How a question was asked: what was given with it, and which of the answers are shown."""

    given: dict[str, Any]
    offset: int
    limit: int


class AllConcluder:
    """Asks about every archive, in one process; what is about one document, about its own."""

    def __init__(self, sources: Sources) -> None:
        self._own = Concluder(sources)
        self._each = {
            str(shelf.portal): self._own.beside(shelf.path)
            for shelf in sorted(sources.shelves, key=lambda one: str(one.portal))
        }

    def of(self, portal: str) -> Concluder:
        """Whoever is asked about one portal's archive."""
        if portal not in self._each:
            raise NotFoundError(f"there is no archive of a portal {portal!r}")
        return self._each[portal]

    def ask(
        self,
        patience: float,
        question: Callable[Concatenate[Conclusions, _P], _T],
        *given: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """What a function of `questions` says of all archives, within so many seconds.

        An archive that there is not, or that cannot be read, is left out.
        """
        bound = signature(question).bind(cast(Conclusions, None), *given, **named)
        bound.apply_defaults()
        values = dict(list(bound.arguments.items())[1:])
        offset, limit = values.get("offset", 0), values.get("limit", 0)
        if "offset" in values:
            values |= {"offset": 0, "limit": offset + limit}
        portals = list(self._each)
        if (portal := values.get("portal")) is not None:
            portals = [key for key in portals if key == portal]
        if isinstance(document := values.get("document"), Held):
            portals, values["document"] = [document.portal], int(document)
        answers: dict[str, Any] = {}
        end = time.monotonic() + patience
        ask = cast(Callable[..., Any], question)
        for key in portals:
            left = max(_LEAST_SECONDS, end - time.monotonic())
            concluder = self._each[key]
            try:
                answers[key] = concluder.ask(left, ask, **values)
            except ArchiveUnusableError:
                continue
            except NotFoundError:
                if len(portals) == 1:
                    raise
        return cast(_T, _JOINED[ask.__name__](answers, Asked(values, offset, limit)))

    def close(self) -> None:
        """End the process for good."""
        self._own.close()


def _of_claims(answers: dict[str, Part], asked: Asked) -> Part:
    rows = [_claimed(portal, one) for portal, part in answers.items() for one in part.items]
    total = sum(part.total for part in answers.values())
    return Part(rows[asked.offset : asked.offset + asked.limit], total)


def _of_document(answers: dict[str, OfDocument], _asked: Asked) -> OfDocument:
    [(portal, one)] = answers.items()
    return OfDocument(
        own=[_claimed(portal, each) for each in one.own],
        about=[_claimed(portal, each) for each in one.about],
        conflicts=[_found(portal, each) for each in one.conflicts],
    )


def _of_conflicts(answers: dict[str, Conflicts], asked: Asked) -> Conflicts:
    found = [_found(key, one) for key, each in answers.items() for one in each.part.items]
    found.sort(key=lambda one: in_order(one.conflict), reverse=asked.given["newest_first"])
    total = sum(each.part.total for each in answers.values())
    counts: Counter[ConflictKind] = Counter()
    for each in answers.values():
        counts.update(each.by_kind)
    by_kind = {kind: counts[kind] for kind in ConflictKind if counts[kind]}
    return Conflicts(Part(found[asked.offset : asked.offset + asked.limit], total), by_kind)


def _of_conflict(answers: dict[str, Found], asked: Asked) -> Found:
    for portal, one in answers.items():
        return _found(portal, one)
    raise NotFoundError(f"there is no conflict {asked.given['identity']}")


def _of_in_force(answers: dict[str, OfDay], asked: Asked) -> OfDay:
    rows = [
        ({**row, "portal_key": portal}, Held(document, portal))
        for portal, each in answers.items()
        for row, document in each.part.items
    ]
    part = Part(
        rows[asked.offset : asked.offset + asked.limit],
        sum(each.part.total for each in answers.values()),
    )
    total = sum(each.total for each in answers.values())
    return OfDay(part, total, sum(each.differ for each in answers.values()))


def _of_calendar(
    answers: dict[str, Sequence[tuple[Row, int]]], _asked: Asked
) -> list[tuple[Row, int]]:
    rows = [
        ({"portal": portal, **row}, Held(document, portal))
        for portal, each in answers.items()
        for row, document in each
    ]
    return sorted(rows, key=lambda one: str(one[0]["last_day"]))


_JOINED: dict[str, Callable[[Any, Asked], Any]] = {
    "claims": _of_claims,
    "of_document": _of_document,
    "conflicts": _of_conflicts,
    "conflict": _of_conflict,
    "in_force": _of_in_force,
    "calendar": _of_calendar,
}
"""How the answers to each question are told together."""


def _claimed(portal: str, one: Claimed) -> Claimed:
    return one._replace(
        row={"portal": portal, **one.row},
        source=Held(one.source, portal),
        target=None if one.target is None else Held(one.target, portal),
    )


def _found(portal: str, one: Found) -> Found:
    numbers = tuple(Held(each, portal) for each in one.conflict.document_ids)
    documents = tuple((Held(each, portal), title) for each, title in one.documents)
    return Found(replace(one.conflict, document_ids=numbers), documents)
