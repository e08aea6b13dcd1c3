"""How the daemon, the jobs and the archive stand, as `status --json` prints it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from archive.instants import to_iso
from archive.runs import RunOutcome
from scheduler.fleet.standing import FleetStanding
from scheduler.settings import Settings
from scheduler.standing import JobStanding, Standing, look

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
    "last_seal": None,
}
# What an operator looks into; an incomplete run is said so by its job, and is common.
_TROUBLE = (RunOutcome.FAILED, RunOutcome.INTERRUPTED, RunOutcome.MISSED)


def state(settings: Settings, now: datetime, portal: str | None = None) -> dict[str, Any]:
    """Who serves the archive, each job's next slot and last run, totals, trouble, and the disk.

    With `portal`, of that portal alone, and of the archive that it is in.

    A job that is `paused` has no next slot. `put_off` are the portals that are left alone after
    runs that met a wall, and until when. Raises ArchiveUnusableError when there is an archive that
    cannot be read.
    """
    if portal is not None:
        settings = settings.of(portal)
    standing = look(settings, now)
    daemon = standing.daemon
    return {
        "daemon": {"alive": daemon.alive, "pid": daemon.pid, "since": daemon.since},
        "jobs": [_job(one) for one in standing.jobs],
        "put_off": [
            {
                "portal": portal,
                "until": one.until.astimezone(settings.zone).isoformat(timespec="seconds"),
                "stopped_runs": one.stopped_runs,
            }
            for portal, one in standing.put_off.items()
        ],
        **(standing.totals or _NOTHING_KEPT),
        "columns_wrong": _columns_wrong(settings, standing),
        "trouble_last_week": _trouble(settings, standing),
        "notifications": asdict(standing.telling),
        "fleet": _fleet(settings, standing.fleet),
        "last_verify": _last_verify(standing),
        "archive": str(settings.archive.path),
        "disk_bytes": standing.disk.archive,
        "free_bytes": standing.disk.free,
        **({"archives": _archives(standing)} if settings.archive.is_split else {}),
    }


def _last_verify(standing: Standing) -> dict[str, Any] | None:
    """The last check; of several archives each has its own."""
    return standing.archives[0].last_verify if len(standing.archives) == 1 else None


def _archives(standing: Standing) -> list[dict[str, Any]]:
    return [
        {
            "portal": one.shelf.portal,
            "archive": str(one.shelf.path),
            "problem": one.fault,
            **(one.totals or _NOTHING_KEPT),
            "last_verify": one.last_verify,
            "disk_bytes": one.disk.archive,
        }
        for one in standing.archives
    ]


def _job(standing: JobStanding) -> dict[str, Any]:
    return {
        "portal": standing.job.portal,
        "mode": standing.job.mode,
        "next": _iso(standing.next),
        "paused": _iso(standing.paused),
        "last": standing.last,
        "last_success": _iso(standing.last_success),
        "overdue_since": _iso(standing.overdue_since),
    }


def _columns_wrong(settings: Settings, standing: Standing) -> list[dict[str, Any]]:
    return [
        {
            "portal": one.portal,
            "url": one.url,
            "name": one.name,
            "kind": one.kind,
            "problem": one.problem,
            "run": one.run_id,
            "at": to_iso(one.at_ms, settings.zone),
        }
        for one in standing.odd_columns
    ]


def _trouble(settings: Settings, standing: Standing) -> list[dict[str, Any]]:
    return [
        {
            "portal": one.portal,
            "mode": one.mode,
            "outcome": one.outcome,
            "runs": one.runs,
            "last_run": one.last_run,
            "at": to_iso(one.last_ms, settings.zone),
            "problems": list(one.problems),
        }
        for one in sorted(standing.lately, key=lambda one: one.last_run, reverse=True)
        if one.outcome in _TROUBLE
    ]


def _fleet(settings: Settings, fleet: FleetStanding | None) -> dict[str, Any] | None:
    if fleet is None:
        return None
    return {
        "open_orders": fleet.orders,
        "oldest_since": _iso(fleet.oldest.astimezone(settings.zone)) if fleet.oldest else None,
        "waiting_orders": fleet.waiting,
        "retried_orders": fleet.retried,
        "spools": fleet.spools,
        "spool_bytes": fleet.spool_bytes,
        "paused": fleet.paused or fleet.crowded,
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
