"""What the archive knows of each location's past, put before the choice of which to ask."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from archive.due.choice import Candidate, Reason, choose, kept_ceiling
from archive.due.force import WEIGHTS, Force, force_of
from archive.due.forecast import intervals, mean_delay
from archive.due.priors import Group, age_band, fitted
from archive.due.rates import History, averaged, rate
from archive.fields import Fields, Validity
from archive.places import ADDRESS_TO_ASK, Status

_DAY_MS = 24 * 3600 * 1000
# A location that does not answer is asked again after 1, 2, 4 … days, less half a day, since
# nightly runs do not begin to the minute.
_LONGEST_PAUSE_DAYS = 32
_SLACK_DAYS = 0.5
# Two visits on one day, as by hand, say little about days: a change between them counts as one in a
# whole day.
_LEAST_DAYS = 1.0
# Rechecks that the interval between two is taken from; less than half a day apart, one was by hand.
_PAST_RUNS = 10
_BY_HAND_DAYS = 0.5
_LONGEST_INTERVAL_DAYS = 30.0

_LOCATIONS = f"""
    SELECT place.id, place.document_id, {ADDRESS_TO_ASK}, place.etag, place.last_modified,
           place.status, place.gone_run, place.last_seen_ms, place.last_asked_ms, place.misses,
           place.unchanged_visits, place.unchanged_ms, place.changed_visits, place.changed_ms,
           document.first_seen_ms, now.title, now.index_number, now.document_number, now.category,
           now.repealed_on, coalesce(now.published_at, now.written_on), now.validity
    FROM locations AS place JOIN documents AS document ON document.id = place.document_id
    JOIN versions AS now ON now.id = document.current_version_id
    WHERE place.portal = :portal AND (
        place.status IN (:live, :gone) OR place.status = :moved AND NOT EXISTS (
            SELECT 1 FROM locations AS other WHERE other.document_id = place.document_id
            AND other.status = :live AND other.gone_run IS NULL))
    ORDER BY place.document_id, place.id
"""


class _Location(NamedTuple):
    """A row of `_LOCATIONS`."""

    id: int
    document_id: int
    url: str
    etag: str | None
    last_modified: str | None
    status: str
    gone_run: int | None
    last_seen_ms: int | None
    last_asked_ms: int
    misses: int
    unchanged_visits: int
    unchanged_ms: int
    changed_visits: int
    changed_ms: int
    first_seen_ms: int
    title: str
    index_number: str | None
    document_number: str | None
    category: str | None
    repealed_on: str | None
    published: str | None
    validity: str

    @property
    def history(self) -> History:
        """What its visits saw."""
        return History(
            self.unchanged_visits,
            self.unchanged_ms / _DAY_MS,
            self.changed_visits,
            max(self.changed_ms / _DAY_MS, self.changed_visits * _LEAST_DAYS),
        )

    @property
    def seen_ms(self) -> int:
        """When it last said something of its document; where it is gone, that it is."""
        if self.status == Status.GONE:
            return self.last_asked_ms
        return self.first_seen_ms if self.last_seen_ms is None else self.last_seen_ms

    def is_paused(self, now_ms: int) -> bool:
        """Whether it did not answer lately, and is left alone for a while."""
        if self.misses == 0 or self.status == Status.GONE:
            return False
        pause = min(2.0 ** min(self.misses - 1, 10), _LONGEST_PAUSE_DAYS) - _SLACK_DAYS
        return (now_ms - self.last_asked_ms) / _DAY_MS < pause


class _Document(NamedTuple):
    """What its locations amount to. `rate` is in changes a day."""

    locations: list[_Location]
    history: History
    force: Force
    group: Group

    @property
    def is_live(self) -> bool:
        """Whether it is anywhere."""
        return any(one.status == Status.LIVE for one in self.locations)


@dataclass(frozen=True, slots=True)
class DueLocation:
    """A location to ask, and why. `rate` is in changes a day, `visits` what it rests on."""

    url: str
    etag: str | None
    last_modified: str | None
    index_number: str | None
    title: str
    last_seen_ms: int | None
    visits: float
    changes: float
    rate: float
    force: Force
    weight: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Due:
    """A choice, and what is to be expected of choosing so from now on.

    `every_days` is the usual time between rechecks. `ceiling_days` is the ceiling that can be kept.
    Delays are mean days from a change to its detection, the weighted one by legal force.
    """

    documents: int
    locations: int
    every_days: float
    ceiling_days: float
    changes_a_day: float
    delay_days: float
    weighted_delay_days: float
    chosen: tuple[DueLocation, ...]


def due_now(
    connection: sqlite3.Connection, portal: str, *, limit: int, ceiling_days: float, now_ms: int
) -> Due:
    """The `limit` locations of a portal whose rereading is worth most at `now_ms`."""
    documents = _documents(connection, portal, now_ms)
    rates = _rates(documents)
    every = _every_days(connection, portal)
    by_location: dict[int, tuple[_Location, _Document, float]] = {}
    candidates = []
    for document, changes_a_day in zip(documents, rates, strict=True):
        document_seen_ms = max(one.seen_ms for one in document.locations)
        for one in document.locations:
            by_location[one.id] = one, document, changes_a_day
            if one.is_paused(now_ms):
                continue
            is_live = one.status == Status.LIVE
            candidates.append(
                Candidate(
                    location=one.id,
                    document=one.document_id,
                    stake=WEIGHTS[document.force] * changes_a_day if is_live else 0.0,
                    seen=one.seen_ms / _DAY_MS,
                    document_seen=document_seen_ms / _DAY_MS,
                    # Where a document has gone from the place that it moved to, it may be back.
                    absent=one.status == Status.MOVED or (is_live and one.gone_run is not None),
                )
            )
    ceiling = kept_ceiling(len(by_location), limit, ceiling=ceiling_days, every=every)
    chosen = choose(candidates, limit, now=now_ms / _DAY_MS, ceiling=ceiling, every=every)
    weights = [WEIGHTS[document.force] for document in documents]
    stakes = [weight * one for weight, one in zip(weights, rates, strict=True)]
    apart = intervals(stakes, limit, ceiling=ceiling, every=every)
    return Due(
        documents=len(documents),
        locations=len(by_location),
        every_days=every,
        ceiling_days=ceiling,
        changes_a_day=sum(rates),
        delay_days=mean_delay(rates, apart),
        weighted_delay_days=mean_delay(stakes, apart),
        chosen=tuple(
            _due_location(*by_location[one.candidate.location], one.reason) for one in chosen
        ),
    )


def _documents(connection: sqlite3.Connection, portal: str, now_ms: int) -> list[_Document]:
    rows = connection.execute(
        _LOCATIONS, {"portal": portal, **{one.name.lower(): one.value for one in Status}}
    )
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    documents: dict[int, list[_Location]] = {}
    for row in rows:
        documents.setdefault(row[1], []).append(_Location(*row))
    return [_document(locations, today, now_ms) for locations in documents.values()]


def _document(locations: list[_Location], today: date, now_ms: int) -> _Document:
    one = locations[0]
    force = force_of(
        Fields(
            title=one.title,
            document_number=one.document_number,
            category=one.category,
            repealed_on=one.repealed_on,
            validity=Validity(one.validity),
        ),
        today,
    )
    if one.published is not None:
        age = float((today - date.fromisoformat(one.published[:10])).days)
    else:
        age = (now_ms - one.first_seen_ms) / _DAY_MS
    group = age_band(age), force.value, one.category or ""
    return _Document(locations, averaged([some.history for some in locations]), force, group)


def _rates(documents: Sequence[_Document]) -> list[float]:
    """Changes a day of each document; of one that is nowhere any more, none are expected."""
    priors = fitted((one.group, one.history) for one in documents)
    return [rate(one.history, priors[one.group]) if one.is_live else 0.0 for one in documents]


def _every_days(connection: sqlite3.Connection, portal: str) -> float:
    """The usual time between rechecks, a day where there were too few to tell."""
    rows = connection.execute(
        "SELECT started_ms FROM runs WHERE portal = ? AND mode = 'recheck'"
        " AND outcome <> 'missed' ORDER BY id DESC LIMIT ?",
        (portal, _PAST_RUNS + 1),
    ).fetchall()
    gaps = [gap for gap in _gaps([row[0] for row in rows]) if gap >= _BY_HAND_DAYS]
    return min(median(gaps), _LONGEST_INTERVAL_DAYS) if gaps else 1.0


def _gaps(newest_first: Sequence[int]) -> Iterable[float]:
    for later, earlier in pairwise(newest_first):
        yield (later - earlier) / _DAY_MS


def _due_location(
    location: _Location, document: _Document, changes_a_day: float, reason: Reason
) -> DueLocation:
    kept: dict[str, Any] = {
        name: getattr(location, name)
        for name in ("url", "etag", "last_modified", "index_number", "title", "last_seen_ms")
    }
    return DueLocation(
        **kept,
        visits=document.history.visits,
        changes=document.history.changed,
        rate=changes_a_day,
        force=document.force,
        weight=WEIGHTS[document.force],
        reason=reason,
    )
