"""Runs by the days on which they began: how they ended, and those that a person picks out."""

from __future__ import annotations

from dataclasses import dataclass

from archive.questions.runs import SELECT, row_of
from archive.questions.source import HIGHEST_ID, Row, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Filters on runs; each that is None lets everything through. Instants are of the beginning."""

    portal: str | None = None
    mode: str | None = None
    outcome: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None


_STARTED = 5  # the place of `started_ms` in what a row is made of
_CLAUSES = {
    "portal": "portal = :portal",
    "mode": "mode = :mode",
    "outcome": "outcome = :outcome",
    "since_ms": "started_ms >= :since_ms",
    "until_ms": "started_ms <= :until_ms",
}


def outcomes(source: Source, chosen: RunFilter) -> list[tuple[int, str]]:
    """When each run that matches began, in ms, and how it ended or stands."""
    where, values = _where(chosen)
    return [
        (started, outcome)
        for started, outcome in source.rows(
            f"SELECT started_ms, outcome FROM runs WHERE {where}", values
        )
    ]


def runs(source: Source, chosen: RunFilter, *, before: int | None = None, limit: int) -> list[Row]:
    """The newest runs that match, as rows of `runs`; with `before`, of those before that one."""
    where, values = _where(chosen)
    rows = source.rows(
        f"{SELECT} WHERE {where} AND runs.id < :before ORDER BY runs.id DESC LIMIT :limit",
        {**values, "before": HIGHEST_ID if before is None else before, "limit": limit},
    )
    return [row_of(source, *row) for row in rows]


def runs_by_time(
    source: Source, chosen: RunFilter, *, before: tuple[int, int] | None, limit: int
) -> list[tuple[int, Row]]:
    """The same runs by their beginnings, the newest first, each with its beginning in ms.

    With `before`, an instant and an id, those of before that instant, and of it those with a lower
    id.
    """
    where, values = _where(chosen)
    if before is not None:
        where += " AND (started_ms, runs.id) < (:before_ms, :before_id)"
        values |= {"before_ms": before[0], "before_id": min(before[1], HIGHEST_ID)}
    rows = source.rows(
        f"{SELECT} WHERE {where} ORDER BY started_ms DESC, runs.id DESC LIMIT :limit",
        {**values, "limit": limit},
    )
    return [(row[_STARTED], row_of(source, *row)) for row in rows]


def _where(chosen: RunFilter) -> tuple[str, dict[str, object]]:
    values = {name: value for name in _CLAUSES if (value := getattr(chosen, name)) is not None}
    return " AND ".join(["1", *(_CLAUSES[name] for name in values)]), values
