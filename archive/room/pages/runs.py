"""The runs, and one of them with its log."""

from __future__ import annotations

from starlette.responses import Response

from archive.room.visit import Visit


def runs(visit: Visit) -> Response:
    """The page of all runs."""
    return visit.page("runs.html", runs=visit.catalogue.runs(limit=50))


def run(visit: Visit) -> Response:
    """The page of one run."""
    found = visit.catalogue.run(visit.place("id"))
    events, _ = visit.works.log(visit.place("id"))
    return visit.page("run.html", run=found, events=events)
