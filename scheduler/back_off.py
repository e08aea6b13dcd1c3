"""How long a portal that shut its doors is left alone: pure (R11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from archive.runs import ACCEPT, PastRun, RunOutcome, Stop

# Firewalls lift a ban after minutes or hours; a ban that is met again at once is lengthened.
_FIRST = timedelta(hours=1)
# A portal that answers again is noticed within a day.
_LONGEST = timedelta(hours=24)
_DOUBLINGS = 5
_TO_THE_END = frozenset({RunOutcome.FINISHED, RunOutcome.INCOMPLETE})


class PutOff(NamedTuple):
    """A portal's slots are skipped `until` then, after so many runs in a row met a wall."""

    stopped_runs: int
    until: datetime


def put_off(runs: Iterable[PastRun]) -> PutOff | None:
    """Until when the portal that these are the runs of, newest first, is left alone.

    An hour after the last run that was stopped because nearly everything was blocked, and twice as
    long for each such run before it, to a day at most. None where the portal let a run through
    since: one that was not stopped so, and to which anything was shown. Runs that broke off, or
    that met nothing but closed doors though too few to be stopped for it, leave it as it is.
    """
    stopped = 0
    last_end: datetime | None = None
    for run in runs:
        if run.stopped is Stop.BLOCKED:
            stopped += 1
            last_end = last_end or run.finished_at
        elif _was_let_through(run):
            break
    if last_end is None:
        return None
    return PutOff(stopped, last_end + min(_FIRST * 2 ** min(stopped - 1, _DOUBLINGS), _LONGEST))


def _was_let_through(run: PastRun) -> bool:
    figures = run.figures
    return (
        run.mode != ACCEPT
        and run.outcome in _TO_THE_END
        and figures.pages > figures.blocked + figures.failed
    )
