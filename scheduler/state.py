"""How the daemon, the jobs and the archive stand, as `status --json` prints it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.catalogue import Catalogue
from archive.checks import last_check
from archive.errors import NoArchiveError
from scheduler.back_off import PutOff, put_off
from scheduler.daybook import read_notes
from scheduler.jobs import Job, jobs_of
from scheduler.lock import daemon_state
from scheduler.plan import told_pause
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

    A job that is `paused` has no next slot. `put_off` are the portals that are left alone after
    runs that met a wall, and until when.

    Next slots follow from the timetable, whether or not a daemon is there to keep it. Raises
    ArchiveUnusableError when there is an archive that cannot be read.
    """
    path = settings.archive.path
    daemon = daemon_state(path)
    jobs = jobs_of(settings)
    paused = read_notes(path).paused
    totals, last_runs, left_alone = _kept(path, settings, jobs, now)
    return {
        "daemon": {"alive": daemon.alive, "pid": daemon.pid, "since": daemon.since},
        "jobs": [
            {
                "portal": job.portal,
                "mode": job.mode,
                "next": None
                if job.name in paused
                else next((at.isoformat() for at in _next_times(job, now, left_alone)), None),
                "paused": told_pause(job, paused),
                "last": last_runs.get(job.name),
            }
            for job in jobs
        ],
        "put_off": [
            {
                "portal": portal,
                "until": one.until.astimezone(settings.zone).isoformat(timespec="seconds"),
                "stopped_runs": one.stopped_runs,
            }
            for portal, one in left_alone.items()
        ],
        **totals,
        "last_verify": last_check(path),
        "archive": str(path),
        "disk_bytes": _bytes_on_disk(path),
    }


def _next_times(job: Job, now: datetime, left_alone: dict[str, PutOff]) -> list[datetime]:
    one = left_alone.get(job.portal)
    return job.next_times(now if one is None else one.until, 1)


def _kept(
    path: Path, settings: Settings, jobs: list[Job], now: datetime
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, PutOff]]:
    """The archive's totals, the last run of every job that has had one, and who is left alone."""
    try:
        with Catalogue.open(path, settings.zone) as catalogue:
            runs = {
                job.name: run
                for job in jobs
                for run in catalogue.runs(portal=job.portal, mode=job.mode, limit=1)
            }
            judged = {key: put_off(catalogue.past_runs(key)) for key in settings.portals}
            left_alone = {key: one for key, one in judged.items() if one and now < one.until}
            return catalogue.totals(), runs, left_alone
    except NoArchiveError:
        return _NOTHING_KEPT, {}, {}


def _bytes_on_disk(path: Path) -> int:
    """The size of the archive with what the database keeps beside it."""
    held = 0
    for suffix in ("", "-wal", "-shm"):
        # A crawl that ends takes its log with it.
        with suppress(FileNotFoundError):
            held += path.with_name(path.name + suffix).stat().st_size
    return held
