"""Whether all is well, and if not, why: pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduler.monitor.observer import Observation
from scheduler.settings import MonitorSettings
from scheduler.standing import JobStanding

_MEGABYTE = 1_000_000


def reasons(observed: Observation, settings: MonitorSettings) -> list[str]:
    """What is wrong, a sentence each; nothing where all is well.

    That a run failed or a column looks wrong is no reason: the daemon does what it should.
    """
    found = [] if observed.fault is None else [observed.fault]
    standing = observed.standing
    if standing is None:
        return found
    found += standing.faults
    found += [
        f"{one.job.name} is overdue since {one.overdue_since.isoformat(timespec='seconds')}"
        for one in standing.jobs
        if one.overdue_since is not None
    ]
    if standing.disk.free < settings.free_megabytes * _MEGABYTE:
        found.append(
            f"the archive's disk is nearly full: {standing.disk.free // _MEGABYTE} MB are free"
        )
    if standing.fleet is not None and standing.fleet.paused is not None:
        found.append(f"no order is published: {standing.fleet.paused}")
    return found


def health(observed: Observation, settings: MonitorSettings) -> dict[str, Any]:
    """What `/health` answers. `ready` says whether the archive can be read."""
    wrong = reasons(observed, settings)
    standing = observed.standing
    return {
        "status": "failing" if wrong else "ok",
        "reasons": wrong,
        "live": True,
        "ready": observed.fault is None and not (standing and standing.faults),
        "jobs": [] if standing is None else [_job(one) for one in standing.jobs],
        "free_bytes": None if standing is None else standing.disk.free,
    }


def _job(standing: JobStanding) -> dict[str, Any]:
    return {
        "portal": standing.job.portal,
        "mode": standing.job.mode,
        "next": _iso(standing.next),
        "paused": _iso(standing.paused),
        "last_success": _iso(standing.last_success),
        "overdue_since": _iso(standing.overdue_since),
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
