"""What is due: a job, and the instant it is due at."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from scheduler.jobs import Job


class Due(NamedTuple):
    """A job that is due at `slot`; `by_hand` if a person asked for it just then."""

    job: Job
    slot: datetime
    by_hand: bool = False

    @property
    def told_slot(self) -> str:
        """The slot as runs keep it."""
        return self.slot.astimezone(self.job.zone).isoformat(timespec="seconds")
