"""Bars over time: where each stands and how high it is, in the units of a drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

HEIGHT = 56
"""Of the tallest bar."""
STEP = 10
"""From one bar to the next."""
_WIDTH = 8
_LEAST = 2


class Part(NamedTuple):
    """A piece of a bar, with the name of what it stands for."""

    name: str
    y: float
    height: float


class Bar(NamedTuple):
    """A bar with its parts, the lowest first."""

    x: int
    width: int
    parts: tuple[Part, ...]


def bars(counts: Sequence[Sequence[tuple[str, int]]]) -> list[Bar]:
    """A bar for each place, its parts by names and numbers; heights go by the square root.

    A day on which everything changed would otherwise leave nothing to be seen of the others.
    """
    most = max((sum(number for _, number in one) for one in counts), default=0)
    return [Bar(place * STEP, _WIDTH, tuple(_parts(one, most))) for place, one in enumerate(counts)]


def _parts(numbers: Iterable[tuple[str, int]], most: int) -> Iterable[Part]:
    stated = [(name, number) for name, number in numbers if number]
    total = sum(number for _, number in stated)
    if not total:
        return
    height = max(HEIGHT * (total / most) ** 0.5, _LEAST * len(stated))
    y = float(HEIGHT)
    for name, number in stated:
        part = round(height * number / total, 1)
        y = round(y - part, 1)
        yield Part(name, y, part)
