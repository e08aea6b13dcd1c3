"""What came to pass while no daemon was there: entered as missed, and caught up once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from archive.archive import Archive
from archive.catalogue import Catalogue
from archive.errors import YangeError
from archive.runs import RunOutcome, Unrun
from scheduler.daybook import Daybook, Notes
from scheduler.jobs import Job
from scheduler.missed import missed
from scheduler.readers import Readers
from scheduler.settings import MODES, Settings

logger = structlog.get_logger(__name__)


def settle_absence(
    settings: Settings, jobs: list[Job], daybook: Daybook, now: datetime
) -> dict[str, datetime]:
    """Close the runs that the last daemon left open, enter what was missed; what to catch up, when.

    Caught up, once a job and the most thorough first, is what slots were missed for and what the
    end of the last daemon broke off, as soon as the portal's window is open. Where there is no
    archive yet, nothing was missed. Afterwards the daybook is open on `now`.
    """
    notes = daybook.notes
    scheduled = [job for job in jobs if job.schedule is not None]
    behind = _entered(settings, scheduled, notes, now) if settings.archive.path.exists() else []
    daybook.open_on([job.name for job in scheduled], now)
    behind.sort(key=lambda job: MODES.index(job.mode), reverse=True)
    catch_up = {}
    for place, job in enumerate(behind):
        # APScheduler hands over in the order of these.
        catch_up[job.name] = job.opens_after(now) + timedelta(microseconds=place)
    return catch_up


def _entered(settings: Settings, scheduled: list[Job], notes: Notes, now: datetime) -> list[Job]:
    """Enter in the archive what happened; the jobs that there is something to catch up for."""
    kept = settings.archive
    behind = []
    try:
        with Catalogue.open(kept.path, settings.zone) as catalogue:
            last_slots = catalogue.last_slots()
        with Archive.open(kept.path, Readers(settings), busy_seconds=kept.busy_seconds) as archive:
            for portal in settings.portals:
                archive.mark_interrupted(portal)
            for job in scheduled:
                since = notes.seen_to.get(job.name)
                if since is None and job.name in last_slots:
                    since = datetime.fromisoformat(last_slots[job.name])
                rows = _missed_runs(job, since, now) if job.name not in notes.paused else []
                archive.enter_missed(job.portal, rows)
                if rows or job.name in notes.under_way:
                    behind.append(job)
    except YangeError as error:
        # The crawls will say the same, each in a run of its own if that is possible.
        logger.error("absence_not_entered", error=str(error))
    return behind


def _missed_runs(job: Job, since: datetime | None, now: datetime) -> list[Unrun]:
    if since is None:
        return []
    found = missed(job, since, now)
    if found.slots:
        logger.warning(
            "slots_missed",
            job=job.name,
            slots=len(found.slots) + found.before,
            since=found.since.astimezone(found.slots[0].tzinfo).isoformat(timespec="seconds"),
        )
    return [
        Unrun(
            job.mode,
            job.name,
            slot.isoformat(),
            round(slot.timestamp() * 1000),
            RunOutcome.MISSED,
            (sentence,),
        )
        for slot, sentence in zip(found.slots, found.told, strict=True)
    ]
