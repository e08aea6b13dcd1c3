"""Figures of several archives, added up: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from archive.questions.facets import MOST, Count, Facets
from archive.questions.growth import Month, Storage

ByDay = dict[date, dict[str, int]]


def by_day(each: Iterable[ByDay]) -> ByDay:
    """How many entries of each kind there are on each day."""
    counts: dict[date, Counter[str]] = {}
    for one in each:
        for day, of_day in one.items():
            counts.setdefault(day, Counter()).update(of_day)
    return {day: dict(found) for day, found in counts.items()}


def facets(each: Sequence[Facets]) -> Facets:
    """How many documents have each value, when `each` has all values."""

    def counts(
        of: Callable[[Facets], tuple[Count, ...]], *, by_value: bool = False
    ) -> tuple[Count, ...]:
        numbers: Counter[str | None] = Counter()
        for one in each:
            numbers.update(dict(of(one)))
        ordered = sorted(numbers.items(), key=lambda one: (-one[1], one[0] or ""))
        if by_value:
            ordered.sort(key=lambda one: one[0] or "", reverse=True)
        return tuple(Count(*one) for one in ordered[:MOST])

    return Facets(
        sum(one.documents for one in each),
        counts(lambda one: one.validity),
        counts(lambda one: one.agency),
        counts(lambda one: one.category),
        counts(lambda one: one.year, by_value=True),
        counts(lambda one: one.status),
    )


def growth(each: Iterable[Sequence[Month]]) -> list[Month]:
    """What there was at the end of every month since the first archive began."""
    months: dict[date, Month] = {}
    for one in each:
        for first_day, documents, changes in one:
            known = months.get(first_day, Month(first_day, 0, 0))
            months[first_day] = Month(
                first_day, known.documents + documents, known.changes + changes
            )
    return [months[day] for day in sorted(months)]


def storage(each: Iterable[Storage]) -> Storage:
    """What is stored, and how much room it takes."""
    return Storage(*(sum(figures) for figures in zip(Storage(0, 0, 0, 0), *each, strict=True)))
