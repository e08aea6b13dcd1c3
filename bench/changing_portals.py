"""Simulated portals: how often documents change there, and what that has to do with their kind.

The rates lie between one change in two hundred years and one a week, four orders of magnitude.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from archive.due.force import Force
from archive.due.priors import Group, age_band

YEAR = 365
_CATEGORIES = 12


class Document(NamedTuple):
    """A simulated document; `rate` is in changes a day, `age` in days on the first night."""

    force: Force
    category: str
    age: float
    rate: float

    def group(self, night: int) -> Group:
        """What yange can know of it beforehand."""
        return age_band(self.age + night), self.force.value, self.category


Generator = Callable[[random.Random], Document]


def related(draw: random.Random) -> Document:
    """Norms, notices and young pages change more than news and old ones; each kind varies a lot."""
    force, category, age = _kind(draw)
    a_year = {Force.NORM: 0.5, Force.OFFICIAL: 0.25, Force.OTHER: 0.06}[force]
    a_year *= {"month": 8.0, "year": 2.5, "five years": 1.0, "older": 0.5}[age_band(age)]
    a_year *= 0.5 + int(category) / (_CATEGORIES - 1) * 2
    return Document(force, category, age, _bounded(a_year * 10 ** draw.gauss(0, 0.8)))


def unrelated(draw: random.Random) -> Document:
    """Four orders of magnitude, each as frequent, whatever the kind and age."""
    force, category, age = _kind(draw)
    return Document(force, category, age, _bounded(10 ** draw.uniform(-2.3, 1.7)))


def inverted(draw: random.Random) -> Document:
    """The contrary of what one would think: news and old pages change most."""
    force, category, age = _kind(draw)
    a_year = {Force.NORM: 0.1, Force.OFFICIAL: 0.25, Force.OTHER: 1.0}[force]
    a_year *= {"month": 0.5, "year": 1.0, "five years": 1.5, "older": 2.0}[age_band(age)]
    return Document(force, category, age, _bounded(a_year * 10 ** draw.gauss(0, 0.8)))


def lively_few(draw: random.Random) -> Document:
    """Nineteen of twenty practically never change, the twentieth every few weeks; nobody sees
    which."""
    force, category, age = _kind(draw)
    a_year = 12.0 * 10 ** draw.gauss(0, 0.3) if draw.random() < 0.05 else 0.01
    return Document(force, category, age, _bounded(a_year))


PORTALS: dict[str, Generator] = {
    "related to kind and age": related,
    "related to nothing": unrelated,
    "the contrary of expectations": inverted,
    "a lively few": lively_few,
}


def _kind(draw: random.Random) -> tuple[Force, str, float]:
    force = draw.choices(tuple(Force), (0.1, 0.25, 0.65))[0]
    return force, str(draw.randrange(_CATEGORIES)), min(draw.expovariate(1 / 1500), 7000.0)


def _bounded(a_year: float) -> float:
    """Changes a day, out of changes a year between one in two hundred years and one a week."""
    return min(50.0, max(0.005, a_year)) / YEAR
