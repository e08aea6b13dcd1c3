"""Runs on a calendar: months of weeks of days, with how the runs of each day ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

# What is worst is what a day is remembered by.
GRAVITY = ("failed", "missed", "interrupted", "incomplete", "running", "finished")


class Day(NamedTuple):
    """A day, and how many runs that began on it ended in which way, the gravest first."""

    day: date
    in_month: bool
    outcomes: tuple[tuple[str, int], ...]

    @property
    def runs(self) -> int:
        """How many runs began on that day."""
        return sum(number for _, number in self.outcomes)


class Month(NamedTuple):
    """A month as the weeks that it lies in, from Monday."""

    first_day: date
    weeks: tuple[tuple[Day, ...], ...]


def months(outcomes: Mapping[date, Iterable[str]], last: date, count: int) -> list[Month]:
    """The `count` months up to that of `last`, the newest first."""
    found = []
    first = last.replace(day=1)
    for _ in range(count):
        found.append(_month(first, outcomes))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _month(first: date, outcomes: Mapping[date, Iterable[str]]) -> Month:
    day = first - timedelta(days=first.weekday())
    weeks = []
    while day.month == first.month or day < first:
        weeks.append(
            tuple(_day(day + timedelta(days=place), first, outcomes) for place in range(7))
        )
        day += timedelta(days=7)
    return Month(first, tuple(weeks))


def _day(day: date, month: date, outcomes: Mapping[date, Iterable[str]]) -> Day:
    counts = Counter(outcomes.get(day, ()))
    ordered = sorted(counts.items(), key=lambda one: (_gravity(one[0]), one[0]))
    return Day(day, day.month == month.month, tuple(ordered))


def _gravity(outcome: str) -> int:
    return GRAVITY.index(outcome) if outcome in GRAVITY else len(GRAVITY)
