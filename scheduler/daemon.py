"""The daemon: starts crawls by the timetable until it is told to stop."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

import structlog

from archive.errors import ConfigurationError, YangeError
from scheduler import logs
from scheduler.absence import settle_absence
from scheduler.attendance import Attendance
from scheduler.berths import Berths
from scheduler.conducting import Conducting
from scheduler.configuration import Configuration, load
from scheduler.control import Door
from scheduler.crawl_process import GRACE_SECONDS, start_crawl
from scheduler.daybook import Daybook
from scheduler.heap import keep_one_heap
from scheduler.jobs import jobs_of
from scheduler.launcher import Launcher, Start, launcher_of
from scheduler.lock import daemon_lock
from scheduler.presence import Presence
from scheduler.requests import answer
from scheduler.services import services_of
from scheduler.supervisor import Supervisor
from scheduler.telling.soundness import refuse_unknown_services

logger = structlog.get_logger(__name__)


class StandstillError(YangeError):
    """The timetable is not kept any more, for a reason that only a new start may mend."""


def serve(configuration: Configuration, start: Start = start_crawl) -> None:
    """Crawl by the timetable until SIGTERM or SIGINT, in the foreground.

    Every crawl is a child process, started by `start`, or goes to the fleet; one portal is crawled
    by one of them at a time. SIGHUP has the configuration read again. On the way out the children
    are asked to leave, and waited for. Raises BusyError when another daemon serves the archive.
    """
    keep_one_heap()
    settings = configuration.settings
    kept, now = settings.archive, datetime.now(settings.zone)
    with daemon_lock(kept.seat, now, named=kept.path), _signals() as told:
        daemon = _Daemon(configuration, launcher_of(configuration, start))
        daemon.start()
        try:
            number = daemon.attend(told)
            logger.info("daemon_stopping", signal=signal.Signals(number).name)
        finally:
            daemon.stop()
    logger.info("daemon_stopped")


class _Daemon:
    """A daemon that has its archive to itself."""

    def __init__(self, configuration: Configuration, launcher: Launcher) -> None:
        settings = configuration.settings
        self._configuration = configuration
        self._launcher = launcher
        self._supervisor = Supervisor()
        self._daybook = Daybook(settings.archive.seat)
        self._berths = Berths(settings.berths)
        self._presence = Presence()
        for shelf in settings.archive.shelves(settings.portals):
            self._presence.note(shelf.path)
        self._services = services_of(configuration)
        self._attendance = Attendance(jobs_of(settings), self._conducting())
        self._door = Door(settings.archive.seat, self._answer)

    def start(self) -> None:
        """Settle what the last one left, and begin."""
        settings, now = self._configuration.settings, datetime.now(UTC)
        catch_up = settle_absence(settings, self._attendance.jobs, self._daybook, now)
        self._services.start()
        self._launcher.start()
        outlived = self._launcher.open_jobs()
        for name in outlived:
            catch_up.pop(name, None)
        self._attendance.start(now, catch_up)
        for name in outlived:
            self._attendance.resume(name)
        self._door.open()
        self._supervisor.ready(self._attendance.told())
        logger.info(
            "daemon_started",
            pid=os.getpid(),
            archive=str(settings.archive.path),
            jobs=[job.name for job in self._attendance.jobs if job.schedule],
            catching_up=list(catch_up),
        )

    def attend(self, told: SimpleQueue[int]) -> int:
        """Keep going until a signal says to stop; its number."""
        while True:
            try:
                number = told.get(timeout=self._supervisor.beat_seconds)
            except Empty:
                if not self._attendance.is_kept(datetime.now(UTC)):
                    raise StandstillError(
                        "the timetable has come to a standstill; the daemon ends, to be started"
                        " again"
                    ) from None
                self._supervisor.alive(self._attendance.told())
                continue
            if number != signal.SIGHUP:
                return number
            self._reload()

    def stop(self) -> None:
        """Ask every crawl to leave, wait for it, and end what goes on beside."""
        self._supervisor.stopping()
        deadline = time.monotonic() + GRACE_SECONDS
        self._door.close()
        self._attendance.stop()
        self._berths.look_again()
        self._attendance.join(deadline)
        self._launcher.stop()
        self._services.stop()

    def _reload(self) -> None:
        """Go on by what the configuration says now; by what it said, where it is not sound."""
        self._supervisor.reloading()
        try:
            fresh = load(self._configuration.path)
            if fresh.settings.archive.path != self._configuration.settings.archive.path:
                raise ConfigurationError(
                    "archive.path has changed; a daemon has to be started anew for another archive"
                )
            refuse_unknown_services(fresh)
            self._launcher.change(fresh)
            logs.configure_as(fresh)
        except ConfigurationError as error:
            logger.error("configuration_refused", reason=str(error))
            self._supervisor.ready("the changed configuration was refused, see the log")
            return
        now = datetime.now(UTC)
        self._services.stop()
        self._configuration = fresh
        self._services = services_of(fresh)
        self._berths.resize(fresh.settings.berths)
        anew = self._attendance.change(jobs_of(fresh.settings), self._conducting(), now)
        self._daybook.see_to(anew, now)
        self._services.start()
        # What went by the old one holds itself in circles, which the collector may leave for days.
        gc.collect()
        logger.info("configuration_read", scheduled_anew=anew)
        self._supervisor.ready(self._attendance.told())

    def _conducting(self) -> Conducting:
        return Conducting(
            self._configuration,
            self._daybook,
            self._berths,
            # Whoever is there by then: a crawl may have been started by an earlier configuration.
            lambda portal: self._services.run_ended(portal),
            self._launcher,
            self._presence,
        )

    def _answer(self, request: dict[str, Any]) -> str:
        return answer(request, self._attendance, self._daybook)


@contextmanager
def _signals() -> Iterator[SimpleQueue[int]]:
    """A queue that receives SIGTERM, SIGINT and SIGHUP in place of their usual effect."""
    # Of the standard library's ways to wake a thread, this one may be used by a signal handler.
    told: SimpleQueue[int] = SimpleQueue()
    before = {
        number: signal.signal(number, lambda number, _: told.put(number))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    }
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
