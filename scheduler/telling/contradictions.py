"""Which conflicts a rule has yet to tell of: pure.

A conflict is told of once, when it has begun after the rule did. One that only a better reading of
old texts brought to light is none of the portal's news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.law.conflicts.conflict import Conflict
from archive.law.watching import Watching
from scheduler.telling.settings import Rule


@dataclass(slots=True)
class ConflictsTold:
    """What a target has been told: conflicts by their ids, of those since `since_ms`."""

    since_ms: int
    ids: list[str] = field(default_factory=list)


def new_conflicts(
    rule: Rule,
    open_now: Sequence[Conflict],
    told: ConflictsTold,
    watched: Sequence[Watching] | None,
) -> list[Conflict]:
    """The conflicts that the rule is about and has not told of; `told` is kept up to date."""
    wanted = [
        one
        for one in open_now
        if one.kind in (rule.conflicts or ())
        and one.first_seen_ms >= told.since_ms
        and (rule.portals is None or one.portal in rule.portals)
        and (watched is None or any(each.has_any(one.document_ids) for each in watched))
    ]
    known = set(told.ids)
    # What was settled does not come back under the same id.
    told.ids = [one.id for one in wanted]
    return [one for one in wanted if one.id not in known]
