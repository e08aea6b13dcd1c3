"""Which ends that lie ahead a rule has yet to tell of: pure.

An end is told of once for each last day that it is given: when that day is near enough, whether it
came near by itself or was moved there. What a rule finds near when it looks for the first time is
told of as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from archive.law.force.register import Document
from archive.law.watching import Watching
from archive.telling.wording import Row
from scheduler.telling.settings import Rule

Ending = tuple[Row, Document]
"""A row of `calendar` with its document."""


@dataclass(slots=True)
class EndingsTold:
    """What a target has been told: ends by `uid` and last day; `looked_on` is the newest look."""

    looked_on: date | None = None
    ends: list[tuple[str, date]] = field(default_factory=list)


def new_endings(
    rule: Rule,
    ahead: Sequence[Ending],
    told: EndingsTold,
    watched: Sequence[Watching] | None,
    today: date,
) -> list[Ending]:
    """The ends that the rule is about and has not told of; `told` is kept up to date."""
    until = today + timedelta(days=rule.expiries or 0)
    # What is shown as ended, or withdrawn, for a while is not told of anew when it comes back.
    known = {(uid, day) for uid, day in told.ends if day >= today}
    found = []
    for row, document in ahead:
        end = (row["uid"], date.fromisoformat(row["last_day"]))
        if (
            end not in known
            and end[1] <= until
            and (rule.portals is None or document.portal in rule.portals)
            and (watched is None or any(each.has_document(document.id) for each in watched))
        ):
            known.add(end)
            found.append((row, document))
    told.looked_on = today
    told.ends = sorted(known)
    return found
