"""How late changes are noticed on a portal that is too large to be reread every night.

A simulated portal: what changes when is drawn beforehand and is the same for every policy. yange's
policy is the code that `recheck --limit` runs, from an empty history on; it is told the documents'
fields and ages and what its visits saw, never a rate.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from archive.due.choice import Candidate, choose
from archive.due.force import WEIGHTS, Force
from archive.due.forecast import intervals, mean_delay
from archive.due.priors import age_band, fitted
from archive.due.rates import History, rate
from bench.changing_portals import YEAR, Document, Generator

CEILING = 180.0
_FIT_EVERY = 30
_FIT_DAILY_UNTIL = 8


class World:
    """A portal whose changes over two years are settled."""

    def __init__(self, generator: Generator, documents: int, seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311 a simulation
        self.documents = [generator(draw) for _ in range(documents)]
        self.changes = [_poisson(draw, one.rate, 2 * YEAR) for one in self.documents]
        self.weights = [WEIGHTS[one.force] for one in self.documents]


@dataclass(frozen=True, slots=True)
class Delays:
    """Mean days from a change to its detection in the second year, plain and weighted."""

    plain: float
    weighted: float


class Policy(Protocol):
    """Which documents to ask each night."""

    def choose(self, night: int, limit: int) -> Sequence[int]:
        """Tonight's documents."""

    def saw(self, document: int, night: int, *, changed: bool) -> None:
        """What a visit found."""


class RoundRobin:
    """Those not asked for longest first."""

    def __init__(self, world: World) -> None:
        self._next = 0
        self._documents = len(world.documents)

    def choose(self, _night: int, limit: int) -> Sequence[int]:
        first, self._next = self._next, (self._next + limit) % self._documents
        return [(first + step) % self._documents for step in range(limit)]

    def saw(self, document: int, night: int, *, changed: bool) -> None:
        pass


class _Index:
    """yange's choice, on stakes that its heirs say."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.candidates = [Candidate(n, n, 0.0, 0.0, 0.0) for n in range(len(world.documents))]

    def choose(self, night: int, limit: int) -> Sequence[int]:
        chosen = choose(self.candidates, limit, now=float(night), ceiling=CEILING)
        return [one.candidate.document for one in chosen]

    def _set(self, document: int, changes_a_day: float, seen: float) -> None:
        stake = self.world.weights[document] * changes_a_day
        self.candidates[document] = Candidate(document, document, stake, seen, seen)


class Oracle(_Index):
    """The same choice by somebody who knows every rate."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        for number, document in enumerate(world.documents):
            self._set(number, document.rate, 0.0)

    def saw(self, document: int, night: int, *, changed: bool) -> None:  # noqa: ARG002 it knows
        self._set(document, self.world.documents[document].rate, float(night))


class Yange(_Index):
    """What `recheck --limit` does."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.histories = [History()] * len(world.documents)

    def choose(self, night: int, limit: int) -> Sequence[int]:
        # The program fits before every choice; here monthly, since little changes in a night.
        if night < _FIT_DAILY_UNTIL or night % _FIT_EVERY == 0:
            self._groups = [one.group(night) for one in self.world.documents]
            self._priors = fitted(zip(self._groups, self.histories, strict=True))
            for number, candidate in enumerate(self.candidates):
                self._estimate(number, candidate.seen)
        return super().choose(night, limit)

    def saw(self, document: int, night: int, *, changed: bool) -> None:
        days = night - self.candidates[document].seen
        self.histories[document] = _with(self.histories[document], days, changed=changed)
        self._estimate(document, float(night))

    def _estimate(self, document: int, seen: float) -> None:
        prior = self._priors[self._groups[document]]
        self._set(document, rate(self.histories[document], prior), seen)


class Informed(_Index):
    """The same choice by somebody who knows how the portal's rates were drawn, but not the rates.

    It weighs a grid of rates by the exact likelihood of what its visits saw: nobody can estimate
    better from the same visits.
    """

    _GRID = 48

    def __init__(self, world: World, generator: Generator) -> None:
        super().__init__(world)
        draw = random.Random(0)  # noqa: S311 a simulation
        logs: dict[tuple[Force, str, str], list[float]] = {}
        sample = [generator(draw) for _ in range(200_000)]
        for one in sample:
            logs.setdefault(self._kind(one), []).append(math.log(one.rate))
        low = min(min(some) for some in logs.values())
        high = max(max(some) for some in logs.values())
        width = (high - low) / self._GRID
        self._rates = [math.exp(low + (step + 0.5) * width) for step in range(self._GRID)]
        priors: dict[tuple[Force, str, str], list[float]] = {}
        for kind, some in logs.items():
            prior = priors[kind] = [0.0] * self._GRID
            for value in some:
                prior[min(self._GRID - 1, int((value - low) / width))] += 1
        everything = [sum(column) for column in zip(*priors.values(), strict=True)]
        self._beliefs = [priors.get(self._kind(one), everything) for one in world.documents]
        self._same = [
            [math.exp(-one * days) for one in self._rates] for days in range(2 * YEAR + 1)
        ]
        self._other = [[1 - same for same in row] for row in self._same]
        for number in range(len(world.documents)):
            self._estimate(number, 0.0)

    @staticmethod
    def _kind(document: Document) -> tuple[Force, str, str]:
        return document.force, document.category, age_band(document.age)

    def saw(self, document: int, night: int, *, changed: bool) -> None:
        days = night - int(self.candidates[document].seen)
        likelihood = (self._other if changed else self._same)[days]
        belief = [
            before * now for before, now in zip(self._beliefs[document], likelihood, strict=True)
        ]
        total = sum(belief)
        self._beliefs[document] = [one / total for one in belief]
        self._estimate(document, float(night))

    def _estimate(self, document: int, seen: float) -> None:
        belief = self._beliefs[document]
        mean = sum(map(float.__mul__, belief, self._rates)) / sum(belief)
        self._set(document, mean, seen)


def delays_of(world: World, policy: Policy, budget: int) -> Delays:
    """Two years of nights, the second one measured.

    By Little's law the mean delay is the mean number of unseen changes over their rate: so changes
    that either end of the year cuts off count with the part that lies inside it.
    """
    last = [0.0] * len(world.documents)
    plain = weighted = 0.0

    def unseen(document: int, until: int) -> int:
        nonlocal plain, weighted
        changes = world.changes[document]
        start, end = bisect_right(changes, last[document]), bisect_right(changes, until)
        if until > YEAR:
            waited = sum(until - max(at, YEAR) for at in changes[start:end])
            plain += waited
            weighted += world.weights[document] * waited
        return end - start

    for night in range(1, 2 * YEAR + 1):
        for document in policy.choose(night, budget):
            changed = unseen(document, night) > 0
            last[document] = night
            policy.saw(document, night, changed=changed)
    for document in range(len(last)):
        unseen(document, 2 * YEAR)
    counts = [len(some) - bisect_right(some, YEAR) for some in world.changes]
    return Delays(
        plain / sum(counts),
        weighted / sum(map(float.__mul__, world.weights, map(float, counts))),
    )


def bound(world: World, budget: int) -> Delays:
    """What visits at even intervals by the square-root law would reach, between nights as well."""
    rates = [one.rate for one in world.documents]
    stakes = list(map(float.__mul__, world.weights, rates))
    apart = intervals(stakes, budget, ceiling=CEILING)
    return Delays(mean_delay(rates, apart), mean_delay(stakes, apart))


def _poisson(draw: random.Random, a_day: float, days: float) -> list[float]:
    """The instants of a Poisson process."""
    gaps = iter(lambda: draw.expovariate(a_day), None)
    instants = []
    for at in accumulate(gaps):  # type: ignore[arg-type]
        if at >= days:
            break
        instants.append(at)
    return instants


def _with(history: History, days: float, *, changed: bool) -> History:
    if changed:
        return history._replace(
            changed=history.changed + 1, changed_days=history.changed_days + days
        )
    return history._replace(
        unchanged=history.unchanged + 1, unchanged_days=history.unchanged_days + days
    )
