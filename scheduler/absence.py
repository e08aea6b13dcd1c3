"""What came to pass while no daemon was there: entered as missed, and caught up once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from archive.archive import Archive
from archive.catalogue import Catalogue
from archive.errors import YangeError
from archive.runs import RunOutcome, Unrun
from archive.shelves import Shelf
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
    behind = [
        job
        for shelf in settings.archive.shelves(settings.portals)
        if shelf.path.exists()
        for job in _entered(settings, shelf, scheduled, notes, now)
    ]
    daybook.open_on([job.name for job in scheduled], now)
    behind.sort(key=lambda job: MODES.index(job.mode), reverse=True)
    catch_up = {}
    for place, job in enumerate(behind):
        # APScheduler hands over in the order of these.
        catch_up[job.name] = job.opens_after(now) + timedelta(microseconds=place)
    return catch_up


def _entered(
    settings: Settings, shelf: Shelf, scheduled: list[Job], notes: Notes, now: datetime
) -> list[Job]:
    """Enter in an archive what happened; the jobs that there is something to catch up for."""
    busy_seconds = settings.archive.busy_seconds
    portals = list(settings.portals) if shelf.portal is None else [shelf.portal]
    behind = []
    try:
        with Catalogue.open(shelf.path, settings.zone) as catalogue:
            last_slots = catalogue.last_slots()
        with Archive.open(shelf.path, Readers(settings), busy_seconds=busy_seconds) as archive:
            for portal in portals:
                archive.mark_interrupted(portal)
            for job in (one for one in scheduled if one.portal in portals):
                since = notes.seen_to.get(job.name)
                if since is None and job.name in last_slots:
                    since = datetime.fromisoformat(last_slots[job.name])
                rows = _missed_runs(job, since, now) if job.name not in notes.paused else []
                archive.enter_missed(job.portal, rows)
                if rows or job.name in notes.under_way:
                    behind.append(job)
    except YangeError as error:
        # The crawls will say the same, each in a run of its own if that is possible.
        logger.error("absence_not_entered", error=str(error), **_whose(shelf))
    return behind


def _whose(shelf: Shelf) -> dict[str, str]:
    """What a line of the log says of the archive that it is about."""
    return {} if shelf.portal is None else {"portal": shelf.portal}


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
