"""What the daemon would do by this configuration, as `check --json` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scheduler.daybook import read_notes
from scheduler.jobs import Job, jobs_of
from scheduler.listening import is_loopback, read_address
from scheduler.settings import Settings

_SLOTS_SHOWN = 3


def plan(configuration: Path, settings: Settings, now: datetime) -> dict[str, Any]:
    """The portals with their jobs, and the next times of each that has a schedule.

    The times are those of the timetable; a job that is `paused` since then lets them pass.
    """
    jobs = jobs_of(settings)
    paused = read_notes(settings.archive.seat).paused
    return {
        "ok": True,
        "configuration": str(configuration),
        "timezone": settings.timezone,
        "archive": str(settings.archive.path),
        "monitor": _monitor(settings),
        "portals": [
            {
                "portal": key,
                "name": portal.name,
                "columns": len(portal.columns),
                "under": len(portal.under),
                "window": portal.politeness.window,
                "jobs": [
                    {
                        "mode": job.mode,
                        "schedule": job.schedule,
                        "jitter": portal.timetable.jitter,
                        "next": [at.isoformat() for at in job.next_times(now, _SLOTS_SHOWN)],
                        "paused": told_pause(job, paused),
                    }
                    for job in jobs
                    if job.portal == key and job.schedule
                ],
            }
            for key, portal in settings.portals.items()
        ],
    }


def _monitor(settings: Settings) -> dict[str, Any] | None:
    if settings.monitor.listen is None:
        return None
    host, _ = read_address(settings.monitor.listen)
    return {"listen": settings.monitor.listen, "loopback": is_loopback(host)}


def told_pause(job: Job, paused: Mapping[str, datetime]) -> str | None:
    """Since when the job has been paused, in its zone, or None."""
    since = paused.get(job.name)
    return since.astimezone(job.zone).isoformat(timespec="seconds") if since else None
