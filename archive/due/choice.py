"""Which locations to ask when there is no time for all. Pure. docs/due.md derives the order.

Instants and spans are in days.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

# Of a budget that cannot keep the ceiling, the share that goes into keeping a longer one.
_SHARE_OF_CEILING = 0.5


class Reason(StrEnum):
    """Why a location is asked."""

    ABSENT = "absent"
    """It was not there the last time; only a second run can tell (R9)."""
    CEILING = "ceiling"
    """It would otherwise go unseen for longer than the ceiling."""
    WORTH = "worth"
    """A change that nobody has seen yet is expected to cost most there."""


class Candidate(NamedTuple):
    """A location that can be asked.

    `stake` is what a day's delay there costs a day: weight × changes a day, 0 where no change is
    expected. `seen` is when it last said something of its document, `document_seen` when any of the
    document's locations did. `absent` is set where an absence waits to be confirmed.
    """

    location: int
    document: int
    stake: float
    seen: float
    document_seen: float
    absent: bool = False


class Chosen(NamedTuple):
    """A location to ask, and why."""

    candidate: Candidate
    reason: Reason


def worth(candidate: Candidate, now: float) -> float:
    """What not having looked has cost so far, in weighted days: stake × days² / 2."""
    return candidate.stake * (now - candidate.document_seen) ** 2 / 2


def choose(
    candidates: Sequence[Candidate], limit: int, *, now: float, ceiling: float, every: float = 1.0
) -> list[Chosen]:
    """The `limit` locations to ask now, the most pressing first, if a choice is made `every` days.

    No two for their worth are of one document. It depends on nothing but the candidates, whatever
    order they come in. `ceiling` is as `kept_ceiling` has it.
    """
    absent = sorted((one for one in candidates if one.absent), key=_age)[:limit]
    overdue = _for_the_ceiling(candidates, limit, now=now, ceiling=ceiling, every=every)
    taken = {one.location for one in absent}
    chosen = [Chosen(one, Reason.ABSENT) for one in absent]
    further = (Chosen(one, Reason.CEILING) for one in overdue if one.location not in taken)
    chosen.extend(islice(further, limit - len(chosen)))
    seen_to = {one.candidate.document for one in chosen}
    best = heapq.nsmallest(
        limit - len(chosen),
        (
            (-worth(one, now), one)
            for one in _one_of_each(candidates)
            if one.document not in seen_to
        ),
    )
    return chosen + [Chosen(one, Reason.WORTH) for _, one in best]


def kept_ceiling(locations: int, limit: int, *, ceiling: float, every: float = 1.0) -> float:
    """The ceiling that can be kept: the one asked for, or the one that takes half of the budget."""
    if locations * every <= ceiling * limit:
        return ceiling
    return locations * every / (limit * _SHARE_OF_CEILING)


def _for_the_ceiling(
    candidates: Sequence[Candidate], limit: int, *, now: float, ceiling: float, every: float
) -> list[Candidate]:
    """The locations that have to be asked now for the ceiling's sake, the longest unseen first.

    As many as the deadlines ahead demand of tonight if all later nights did nothing else, and of
    those that will never be asked for their worth, as many as keeps each night's share the same.
    """
    worths = heapq.nlargest(limit, (worth(one, now) for one in _one_of_each(candidates)))
    marginal = worths[-1] if len(worths) == limit else 0.0
    slow_below = 2 * marginal / ceiling**2
    all_left: Counter[int] = Counter()
    slow_left: Counter[int] = Counter()
    for one in candidates:
        choices_left = max(0, math.floor((one.seen + ceiling - now) / every + 1e-9))
        all_left[choices_left] += 1
        if one.stake < slow_below:
            slow_left[choices_left] += 1
    needed = max((due - limit * left for left, due in _sums(all_left)), default=0)
    share = max((due // (left + 1) for left, due in _sums(slow_left)), default=0)
    oldest = heapq.nsmallest(needed, candidates, key=_age) if needed > 0 else []
    slow = (one for one in candidates if one.stake < slow_below)
    steady = heapq.nsmallest(min(share, limit), slow, key=_age)
    return sorted({*oldest, *steady}, key=_age)[:limit]


def _sums(left: Counter[int]) -> Iterable[tuple[int, int]]:
    """How many have at most so many choices left, by rising number."""
    total = 0
    for choices_left in sorted(left):
        total += left[choices_left]
        yield choices_left, total


def _one_of_each(candidates: Sequence[Candidate]) -> Iterable[Candidate]:
    """Of each document the location that was seen least recently."""
    stalest: dict[int, Candidate] = {}
    for one in candidates:
        other = stalest.setdefault(one.document, one)
        if other is not one and _age(one) < _age(other):
            stalest[one.document] = one
    return stalest.values()


def _age(candidate: Candidate) -> tuple[float, int]:
    return candidate.seen, candidate.location
