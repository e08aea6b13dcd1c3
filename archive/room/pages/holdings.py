"""What the archive holds, how it grew, and what proves it."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from archive.questions.growth import Month
from archive.room.pages.parts import STATE_SECONDS
from archive.room.visit import Visit
from archive.selection import Selection

# Counts through the whole archive may be so old, in seconds.
_FRESH = 600
_CHART = (1000, 200)


def holdings(visit: Visit) -> Response:
    """The page."""
    now = datetime.now(visit.sources.zone)
    state = visit.memory.recall("state", STATE_SECONDS, visit.works.state)
    everything = Selection()
    facets = visit.memory.recall(
        ("facets", everything), _FRESH, lambda: visit.catalogue.facets(everything)
    )
    months = visit.memory.recall("growth", _FRESH, lambda: visit.catalogue.growth(now))
    newest = visit.catalogue.runs(limit=1)
    sealed = next((one for one in visit.catalogue.runs(limit=20) if one["seal"]), None)
    return visit.page(
        "holdings.html",
        state=state,
        facets=facets,
        months=months,
        chart=_chart(months),
        storage=visit.memory.recall("storage", _FRESH, visit.catalogue.storage),
        last_run=newest[0] if newest else None,
        sealed=sealed,
    )


def _chart(months: list[Month]) -> dict[str, str] | None:
    """The documents at the end of each month as a line, and the area below it."""
    if len(months) < 2:
        return None
    width, height = _CHART
    most = max(one.documents for one in months) or 1
    step = width / (len(months) - 1)
    points = [
        f"{round(step * place)},{round(height - height * one.documents / most)}"
        for place, one in enumerate(months)
    ]
    return {
        "line": " ".join(points),
        "area": f"M0,{height} L{' L'.join(points)} L{width},{height} Z",
    }
