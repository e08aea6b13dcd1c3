"""What the daemon would do by this configuration, as `check --json` prints it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from scheduler.jobs import jobs_of
from scheduler.listening import is_loopback, read_address
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
                        "next": [at.isoformat() for at in job.next_times(now, _SLOTS_SHOWN)],
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
