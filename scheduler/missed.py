"""Which slots passed while nobody was there: pure."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from scheduler.jobs import Job

# A row each, so that a short absence is told slot by slot and a year of them is not.
MOST_ROWS = 50
_MOST_COUNTED = 1000
_FIRST_LOOK = timedelta(hours=1)


class Missed(NamedTuple):
    """The last slots that were missed, the oldest first, and how many there were before them.

    `before` is counted to 1000; `since` is from when on nobody was there.
    """

    slots: list[datetime]
    before: int
    since: datetime

    @property
    def told(self) -> list[str]:
        """A sentence for each of `slots`."""
        sentences = [f"no daemon was there at {slot.isoformat()}" for slot in self.slots]
        if self.before:
            count = f"{self.before} or more" if self.before == _MOST_COUNTED else f"{self.before}"
            sentences[0] += (
                f", nor for {count} slots before it,"
                f" from {self.since.astimezone(self.slots[0].tzinfo).isoformat(timespec='seconds')}"
            )
        return sentences


def missed(job: Job, since: datetime, now: datetime) -> Missed:
    """The slots of `job` later than `since`, up to `now`, that its portal's window allowed.

    Looked for from the end, in longer and longer stretches: years of absence cost no more time
    than the rows that tell of them.
    """
    stretch = _FIRST_LOOK
    while True:
        start = max(since, now - stretch)
        slots: deque[datetime] = deque(maxlen=MOST_ROWS)
        is_full = False
        for slot in job.slots(start):
            if slot.astimezone(UTC) > now.astimezone(UTC):
                break
            is_full = is_full or len(slots) == MOST_ROWS
            slots.append(slot)
        if is_full or start == since:
            break
        stretch *= 4
    return Missed(list(slots), _count_before(job, since, slots[0]) if is_full else 0, since)


def _count_before(job: Job, since: datetime, end: datetime) -> int:
    count = 0
    for slot in job.slots(since):
        if slot.astimezone(UTC) >= end.astimezone(UTC) or count == _MOST_COUNTED:
            break
        count += 1
    return count
