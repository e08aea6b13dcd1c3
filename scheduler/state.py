"""How the daemon, the jobs and the archive stand, as `status --json` prints it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.catalogue import Catalogue
from archive.errors import NoArchiveError
from scheduler.jobs import Job, jobs_of
from scheduler.lock import daemon_state
from scheduler.settings import Settings

_NOTHING_KEPT = {
    "documents": 0,
    "withdrawn": 0,
    "versions": 0,
    "bodies": 0,
    "changes": 0,
    "changes_last_day": 0,
    "changes_last_week": 0,
    "waiting": 0,
    "ledger_head": None,
}


def state(settings: Settings, now: datetime) -> dict[str, Any]:
    """Who serves the archive, each job's next slot and last run, totals, and bytes on disk.

    Next slots follow from the timetable, whether or not a daemon is there to keep it. Raises
    ArchiveUnusableError when there is an archive that cannot be read.
    """
    path = settings.archive.path
    daemon = daemon_state(path)
    jobs = jobs_of(settings)
    totals, last_runs = _kept(path, settings.zone, jobs)
    return {
        "daemon": {"alive": daemon.alive, "pid": daemon.pid, "since": daemon.since},
        "jobs": [
            {
                "portal": job.portal,
                "mode": job.mode,
                "next": next((at.isoformat() for at in job.next_times(now, 1)), None),
                "last": last_runs.get(job.name),
            }
            for job in jobs
        ],
        **totals,
        "archive": str(path),
        "disk_bytes": _bytes_on_disk(path),
    }


def _kept(
    path: Path, zone: ZoneInfo, jobs: list[Job]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The archive's totals, and the last run of every job that has had one."""
    try:
        with Catalogue.open(path, zone) as catalogue:
            runs = {
                job.name: run
                for job in jobs
                for run in catalogue.runs(portal=job.portal, mode=job.mode, limit=1)
            }
            return catalogue.totals(), runs
    except NoArchiveError:
        return _NOTHING_KEPT, {}


def _bytes_on_disk(path: Path) -> int:
    """The size of the archive with what the database keeps beside it."""
    files = (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"))
    return sum(file.stat().st_size for file in files if file.exists())
