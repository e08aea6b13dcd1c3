"""The daemon: starts crawls by the timetable until it is told to stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from archive.archive import Archive
from archive.catalogue import Catalogue
from archive.errors import NoArchiveError, YangeError
from scheduler.back_off import PutOff, put_off
from scheduler.configuration import Configuration
from scheduler.crawl_process import start_crawl
from scheduler.jobs import Job, jobs_of
from scheduler.lane import Lane
from scheduler.lock import daemon_lock
from scheduler.readers import Readers
from scheduler.services import services_of
from scheduler.settings import Settings

logger = structlog.get_logger(__name__)

# What systemd and containers give a service by default is 90 and 10 seconds; a crawl needs about
# two to close its run, and a host that hangs at most this long.
_GRACE_SECONDS = 12.0


def serve(configuration: Configuration) -> None:
    """Crawl by the timetable until SIGTERM or SIGINT, in the foreground.

    Every crawl is a child process; one portal is crawled by one of them at a time. On the way out
    the children are asked to leave, and waited for. Raises BusyError when another daemon serves
    the same archive.
    """
    settings = configuration.settings
    with daemon_lock(settings.archive.path, datetime.now(settings.zone)), _told_to_stop() as told:
        jobs = [job for job in jobs_of(settings) if job.trigger]
        services = services_of(configuration)
        close_runs = partial(_close_runs, settings)
        for portal in settings.portals:
            close_runs(portal)
        lanes = {
            portal: Lane(
                portal,
                partial(start_crawl, configuration.path),
                close_runs,
                partial(_put_off, settings),
                services.run_ended,
            )
            for portal in settings.portals
        }
        scheduler = _scheduler(jobs, lanes)
        services.start()
        scheduler.start()
        logger.info(
            "daemon_started",
            pid=os.getpid(),
            archive=str(settings.archive.path),
            jobs=[job.name for job in jobs],
        )
        number = told.get()
        logger.info("daemon_stopping", signal=signal.Signals(number).name)
        scheduler.shutdown(wait=False)
        deadline = time.monotonic() + _GRACE_SECONDS
        for lane in lanes.values():
            lane.join(deadline)
        services.stop()
        logger.info("daemon_stopped")


def _scheduler(jobs: list[Job], lanes: dict[str, Lane]) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        # Triggers know their own zone. Reckoning the present in UTC spares them the hours that a
        # wall clock shows twice.
        timezone=UTC,
        executors=dict(lanes),
        # A slot that finds its lane busy waits, however long; several missed ones are one.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        scheduler.add_job(
            _crawl, job.trigger, args=[job], id=job.name, name=job.name, executor=job.portal
        )
    scheduler.add_listener(_skipped, EVENT_JOB_MAX_INSTANCES)
    return scheduler


def _skipped(event: JobSubmissionEvent) -> None:
    for slot in event.scheduled_run_times:
        logger.warning(
            "slot_skipped",
            job=event.job_id,
            slot=slot.isoformat(),
            reason="the same job is still waiting or running",
        )


def _crawl(job: Job) -> None:
    """What APScheduler calls a job's function; a lane starts the crawl itself."""
    raise AssertionError(f"{job.name} belongs in a lane")


def _close_runs(settings: Settings, portal: str) -> None:
    """Close the runs of crawls that died before they could do so themselves."""
    if not settings.archive.path.exists():
        return
    try:
        kept = settings.archive
        readers = Readers(settings)
        with Archive.open(kept.path, readers, busy_seconds=kept.busy_seconds) as archive:
            archive.mark_interrupted(portal)
    except YangeError as error:
        logger.error("run_not_closed", portal=portal, error=str(error))


def _put_off(settings: Settings, portal: str) -> PutOff | None:
    """Whether, after what its last runs met, a portal is to be left alone for a while."""
    try:
        with Catalogue.open(settings.archive.path, settings.zone) as catalogue:
            return put_off(catalogue.past_runs(portal))
    except NoArchiveError:
        return None
    except YangeError as error:
        # The crawl will say the same, in a run of its own if that is possible.
        logger.error("runs_not_read", portal=portal, error=str(error))
        return None


@contextmanager
def _told_to_stop() -> Iterator[SimpleQueue[int]]:
    """A queue that receives SIGTERM and SIGINT in place of their usual effect."""
    # Of the standard library's ways to wake a thread, this one may be used by a signal handler.
    told: SimpleQueue[int] = SimpleQueue()
    before = {
        number: signal.signal(number, lambda number, _: told.put(number))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
