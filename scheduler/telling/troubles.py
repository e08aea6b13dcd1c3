"""When a run that did not go well is told of: once, again when it gets worse, and at the end. Pure.

A portal that is down for a week would otherwise send a message every half hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from archive.runs import ACCEPT, RunOutcome
from archive.telling.wording import Row
from scheduler.telling.settings import PROBLEMS

_GRAVITY = (PROBLEMS, "incomplete", "missed", "interrupted", "failed")
_TO_THE_END = frozenset({RunOutcome.FINISHED, RunOutcome.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class Trouble:
    """A job that is known to be in trouble: the gravest that was told, and for how many runs."""

    told: str
    runs: int


@dataclass(frozen=True, slots=True)
class RunTold:
    """A run to tell of: what is the matter with it, or that its job is well again.

    `runs` counts the runs in a row that did not go well, this one included if it did not.
    """

    row: Row
    state: Literal["new", "worse", "recovered"]
    trouble: str
    runs: int


Troubles = dict[str, Trouble]
"""By the job's name, `portal/mode`."""


def judge(row: Row, told_of: Sequence[str], troubles: Troubles) -> RunTold | None:
    """Whether to tell of a run that has ended; `troubles` is kept up to date.

    `told_of` are the outcomes that the rule names.
    """
    if row["mode"] == ACCEPT:
        return None
    job = f"{row['portal']}/{row['mode']}"
    known = troubles.get(job)
    trouble = _trouble(row, told_of)
    if trouble is not None:
        runs = known.runs + 1 if known else 1
        is_worse = known is None or _GRAVITY.index(trouble) > _GRAVITY.index(known.told)
        troubles[job] = Trouble(trouble if known is None or is_worse else known.told, runs)
        if not is_worse:
            return None
        return RunTold(row, "worse" if known else "new", trouble, runs)
    if known is None or row["outcome"] not in _TO_THE_END:
        return None
    del troubles[job]
    return RunTold(row, "recovered", row["outcome"], known.runs)


def _trouble(row: Row, told_of: Sequence[str]) -> str | None:
    if row["outcome"] in told_of:
        return str(row["outcome"])
    return PROBLEMS if PROBLEMS in told_of and row["problems"] else None
