"""What the daemon would do by this configuration, as `check --json` prints it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from scheduler.jobs import jobs_of
from scheduler.settings import Settings

_SLOTS_SHOWN = 3


def plan(configuration: Path, settings: Settings, now: datetime) -> dict[str, Any]:
    """The portals with their jobs, and the next times of each that has a schedule."""
    jobs = jobs_of(settings)
    return {
        "ok": True,
        "configuration": str(configuration),
        "timezone": settings.timezone,
        "archive": str(settings.archive.path),
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
                        "next": [at.isoformat() for at in job.next_times(now, _SLOTS_SHOWN)],
                    }
                    for job in jobs
                    if job.portal == key and job.schedule
                ],
            }
            for key, portal in settings.portals.items()
        ],
    }
