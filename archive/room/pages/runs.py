"""The runs on a calendar and in a table, and one of them with its log."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import Response

from archive.errors import ConfigurationError
from archive.questions.run_days import RunFilter
from archive.room import paging
from archive.room.pages.parts import STATE_SECONDS, Chip, named
from archive.room.views.calendar import GRAVITY, months
from archive.room.views.moments import seconds_between
from archive.room.visit import Visit
from archive.when import end_of, start_of

Row = dict[str, Any]

_PAGE = 50
_MONTHS = 3
_EVENTS = 500
MODES = ("discover", "recheck", "sweep", "accept")
LEVELS = ("debug", "info", "warning", "error")


def runs(visit: Visit) -> Response:
    """The page of all runs."""
    zone = visit.sources.zone
    day = visit.given("day")
    chosen = RunFilter(
        portal=visit.given("portal"),
        mode=_one_of("mode", visit.given("mode"), MODES),
        outcome=_one_of("outcome", visit.given("outcome"), GRAVITY),
        since_ms=None if day is None else start_of(day, zone),
        until_ms=None if day is None else end_of(day, zone),
    )
    shown, following = paging.runs(visit, chosen, "before", _PAGE)
    state = visit.memory.recall("state", STATE_SECONDS, visit.works.state)
    return visit.page(
        "runs.html",
        runs=[
            {**one, "seconds": seconds_between(one["started_at"], one["finished_at"])}
            for one in shown
        ],
        months=_calendar(visit, chosen),
        today=datetime.now(zone).date(),
        day=day,
        jobs=state["jobs"],
        daemon=state["daemon"],
        put_off=state["put_off"],
        portals=[one["portal"] for one in visit.works.portals()],
        chosen=chosen,
        modes=MODES,
        outcomes=GRAVITY,
        chips=_chips(visit),
        older=visit.here(before=following) if following is not None else None,
        newest=visit.here(before=None) if visit.given("before") else None,
    )


def run(visit: Visit) -> Response:
    """The page of one run."""
    run_id = visit.place("id")
    found = visit.catalogue.run(run_id)
    level = _one_of("level", visit.given("level"), LEVELS)
    words = visit.given("q")
    events, has_earlier = visit.works.log(run_id, level=level, limit=_EVENTS)
    if words is not None:
        events = [one for one in events if _says(one, words)]
    names = named(visit)
    past = {one.url: one for one in visit.catalogue.columns_past(portal=found["portal"])}
    return visit.page(
        "run.html",
        run=found,
        seconds=seconds_between(found["started_at"], found["finished_at"]),
        visits=[
            {
                "id": column,
                "url": url,
                "name": names.get(url, url),
                "visit": seen,
                "usual": _usual(past.get(url), run_id),
            }
            for column, url, seen in visit.catalogue.visits_of_run(run_id)
        ],
        events=[_event(one) for one in events],
        has_earlier=has_earlier,
        level=level,
        levels=LEVELS,
        words=words,
    )


def _usual(past: Any, run_id: int) -> int | None:  # noqa: ANN401
    """The most rows that an earlier visit saw of a column; None where there was none."""
    if past is None:
        return None
    return max(
        (one.rows for one in past.visits if one.run < run_id and not one.failed), default=None
    )


def _event(event: Row) -> Row:
    known = ("timestamp", "level", "event", "run_id", "portal", "mode", "job", "logger")
    return {
        "at": str(event.get("timestamp", "")),
        "level": str(event.get("level", "")),
        "event": str(event.get("event", "")),
        "more": [
            (name, str(value))
            for name, value in event.items()
            if name not in known and value is not None
        ],
    }


def _says(event: Row, words: str) -> bool:
    said = " ".join(str(value) for value in event.values()).casefold()
    return all(word in said for word in words.casefold().split())


def _calendar(visit: Visit, chosen: RunFilter) -> list[Any]:
    zone = visit.sources.zone
    last = datetime.now(zone).date()
    first = (last.replace(day=1) - timedelta(days=27 * (_MONTHS - 1))).replace(day=1)
    every = RunFilter(
        portal=chosen.portal,
        mode=chosen.mode,
        outcome=chosen.outcome,
        since_ms=start_of(first.isoformat(), zone),
    )
    by_day: dict[date, list[str]] = {}
    for started_ms, outcome in visit.catalogue.run_outcomes(every):
        day = datetime.fromtimestamp(started_ms / 1000, zone).date()
        by_day.setdefault(day, []).append(outcome)
    return months(by_day, last, _MONTHS)


def _one_of(name: str, value: str | None, known: tuple[str, ...]) -> str | None:
    if value is not None and value not in known:
        raise ConfigurationError(f"{name} is one of {', '.join(known)}")
    return value


def _chips(visit: Visit) -> list[Chip]:
    chips = []
    for name in ("portal", "mode", "outcome", "day"):
        value = visit.given(name)
        if value is not None:
            told = visit.say(f"{name}.{value}") if name in ("mode", "outcome") else value
            chips.append(Chip(told, visit.without(name, value)))
    return chips
