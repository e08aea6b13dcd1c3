"""How telling stands in a few numbers, for `status` and the monitor."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.settings import Settings
from scheduler.telling.outbox import read_targets


@dataclass(frozen=True, slots=True)
class TellingSummary:
    """Messages that wait, those of them that were tried in vain, and those that were given up."""

    waiting: int = 0
    failing: int = 0
    given_up: int = 0


def telling_summary(settings: Settings) -> TellingSummary:
    """The numbers of the targets that are known. Raises YangeError."""
    if not settings.notify:
        return TellingSummary()
    targets = read_targets(settings.archive.seat)
    waiting = [target.waiting for target in targets if target.waiting is not None]
    return TellingSummary(
        waiting=len(waiting),
        failing=sum(1 for one in waiting if one.attempts),
        given_up=sum(target.given_up for target in targets),
    )
