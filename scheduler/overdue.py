"""Whether a job should have begun by now: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from scheduler.jobs import Job

# A crawl takes a few seconds to start, and more where the machine is busy.
_LEAST_GRACE = timedelta(seconds=10)


def overdue_since(
    job: Job, *, served_to: datetime, free_since: datetime, now: datetime, grace: timedelta
) -> datetime | None:
    """The slot that `job` should have begun for, and has not; None where it is not overdue.

    `served_to` is up to when slots have been crawled for, or skipped for a reason; the portal has
    been free to crawl since `free_since`. A slot that found the portal busy waits, and is skipped
    if by then the window is closed. `grace` is how long a job may take to begin; one that is due
    more often, until it is due again.
    """
    moment = served_to.astimezone(UTC)
    while True:
        slots = job.next_times(moment, 2)
        if not slots or slots[0].astimezone(UTC) >= now.astimezone(UTC):
            return None
        begins = max(slots[0].astimezone(UTC), free_since.astimezone(UTC))
        if job.allows(begins):
            apart = [later - earlier for earlier, later in pairwise(_in_utc(slots))]
            allowed = max(_LEAST_GRACE, min([grace, *apart]))
            return slots[0] if now - begins > allowed else None
        moment = begins


def _in_utc(instants: list[datetime]) -> list[datetime]:
    """The same instants, so that their difference is the time that passes between them."""
    return [instant.astimezone(UTC) for instant in instants]
