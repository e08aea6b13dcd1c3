"""What the daemon can be asked for at its door: to run a job now, to pause jobs, to resume them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from archive.errors import NotFoundError
from scheduler.attendance import Attendance
from scheduler.daybook import Daybook
from scheduler.jobs import Job, named

logger = structlog.get_logger(__name__)


def answer(request: dict[str, Any], attendance: Attendance, daybook: Daybook) -> str:
    """Do what is requested, and say so in a sentence. Raises NotFoundError for an unknown name."""
    what, name = request["what"], request["name"]
    logger.info("asked", what=what, name=name)
    if what == "run-now":
        return _run_now(name, attendance, daybook)
    jobs = named(attendance.jobs, name)
    if not jobs:
        raise NotFoundError(f"the daemon knows no portal or job {name}")
    now = datetime.now(UTC)
    if what == "pause":
        daybook.pause([job.name for job in jobs], now)
        return f"paused: {_listed(jobs)}; what is under way goes on to its end"
    daybook.resume([job.name for job in jobs], now)
    return f"resumed: {_listed(jobs)}"


def _run_now(name: str, attendance: Attendance, daybook: Daybook) -> str:
    stands = attendance.run_now(name)
    if stands is None:
        raise NotFoundError(f"the daemon knows no job {name}")
    paused = " (the job stays paused)" if daybook.is_paused(name) else ""
    return f"{name}: {stands}{paused}"


def _listed(jobs: Sequence[Job]) -> str:
    return ", ".join(job.name for job in jobs)
