"""One that is due, from its turn to its record: whether to crawl, crawling, and how it ended."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from archive.archive import Archive
from archive.catalogue import Catalogue
from archive.errors import ArchiveUnusableError, NoArchiveError, YangeError
from archive.runs import RunOutcome, Unrun
from crawler.report import INCOMPLETE, REFUSED
from scheduler.back_off import PutOff, put_off
from scheduler.berths import Berths
from scheduler.configuration import Configuration
from scheduler.crawl_process import Ending
from scheduler.daybook import Daybook
from scheduler.due import Due
from scheduler.lane import Lane
from scheduler.launcher import Crawl, Launcher
from scheduler.presence import Presence
from scheduler.readers import Readers

logger = structlog.get_logger(__name__)

_CLOSED = (0, INCOMPLETE)  # exit statuses of a crawl that has closed its run
# What a process sends itself by going wrong; other signals come from somebody else.
_FAULTS = frozenset(
    -number
    for number in (
        *(signal.SIGABRT, signal.SIGBUS, signal.SIGFPE),
        *(signal.SIGILL, signal.SIGSEGV, signal.SIGSYS),
    )
)


class Conducting:
    """What lanes do with one that is due, by one configuration."""

    def __init__(
        self,
        configuration: Configuration,
        daybook: Daybook,
        berths: Berths,
        ended: Callable[[str], None],
        launcher: Launcher,
        presence: Presence,
    ) -> None:
        """`ended` is told the portal of every crawl that has ended, when its run is closed."""
        self._configuration = configuration
        self._settings = configuration.settings
        self._daybook = daybook
        self._berths = berths
        self._ended = ended
        self._launcher = launcher
        self._presence = presence

    def conduct(self, due: Due, lane: Lane) -> None:
        """Crawl for one that is due, unless there is a reason not to."""
        if not self._berths.take(lambda: lane.is_stopping):
            return
        try:
            if not (self._is_to_be_skipped(due) or self._is_homeless(due)):
                self._crawl(due, lane)
        finally:
            self._berths.give_back()

    def _is_to_be_skipped(self, due: Due) -> bool:
        """Whether there is a reason not to crawl.

        What a person asked for is not questioned, nor is a crawl that is under way elsewhere.
        """
        if due.by_hand or due.job.name in self._launcher.open_jobs():
            return False
        job, now = due.job, datetime.now(UTC)
        log = logger.bind(portal=job.portal, job=job.name, slot=due.told_slot)
        # A crawl that waited for another can find the window closed by now.
        if not (job.allows(due.slot) and job.allows(now)):
            log.info("slot_skipped", reason="outside the portal's window")
        elif self._daybook.is_paused(job.name):
            log.info("slot_skipped", reason="the job is paused")
        elif (wall := self._put_off(job.portal)) is not None and now < wall.until:
            log.warning(
                "slot_put_off",
                reason=f"{_last_runs(wall.stopped_runs)} stopped, mostly blocked",
                until=wall.until.astimezone(job.zone).isoformat(timespec="seconds"),
            )
        else:
            return False
        self._daybook.see_to([job.name], now)
        return True

    def _is_homeless(self, due: Due) -> bool:
        """Whether the archive is gone that the crawl belongs in. The job is not seen to then."""
        path = self._path(due)
        if not self._presence.is_gone(path):
            return False
        logger.error(
            "archive_gone",
            portal=due.job.portal,
            job=due.job.name,
            slot=due.told_slot,
            reason=f"the archive {path} is not there any more, and no other is begun in its place;"
            " a daemon that is started anew would begin one",
        )
        return True

    def _path(self, due: Due) -> Path:
        return self._settings.archive.path_of(due.job.portal)

    def _crawl(self, due: Due, lane: Lane) -> None:
        name = due.job.name
        log = logger.bind(portal=due.job.portal, job=name, slot=due.told_slot)
        crawl = lane.launch(lambda: self._launched(due))
        if crawl is None:
            return
        if crawl.pid is not None:
            log.info("crawl_started", pid=crawl.pid)
        try:
            ending = crawl.wait()
        finally:
            lane.landed()
        if ending.goes_on:
            # The next daemon waits for it.
            log.info("order_left_open")
            return
        log = log.bind(
            exit_status=ending.status,
            seconds=round(ending.seconds, 1),
            peak_memory_mb=round(ending.peak_memory / 1e6),
        )
        if ending.status == 0:
            log.info("crawl_done")
        elif lane.is_stopping:
            log.info("crawl_stopped")
        elif ending.why is not None:
            log.error("crawl_ended", reason=ending.why)
        elif ending.status == INCOMPLETE:
            log.warning("crawl_incomplete")
        elif ending.status == REFUSED:
            log.warning("crawl_refused", reason="another crawl of the portal is under way")
        else:
            log.error("crawl_failed", **({"reason": ending.said[1]} if ending.said else {}))
        if ending.status not in (*_CLOSED, REFUSED):
            self._record(due, ending)
        # What the end of the daemon broke off is taken up again by the next one.
        if not lane.is_stopping or ending.status == 0:
            self._daybook.end(name, datetime.now(UTC))
        # It may have been the first.
        self._presence.note(self._path(due))
        self._ended(due.job.portal)

    def _launched(self, due: Due) -> Crawl:
        self._daybook.begin(due.job.name, due.told_slot, datetime.now(UTC))
        return self._launcher.launch(self._configuration, due)

    def _record(self, due: Due, ending: Ending) -> None:
        """Enter how a crawl ended that may have died before it could do so itself."""
        outcome, problem = told(ending)
        at_ms = round((datetime.now(UTC).timestamp() - ending.seconds) * 1000)
        job = due.job
        death = Unrun(job.mode, job.name, due.told_slot, at_ms, outcome, (problem,))
        kept = self._settings.archive
        path = self._path(due)
        try:
            if self._presence.is_gone(path):
                raise ArchiveUnusableError(path, "is not there any more")
            with Archive.open(
                path, Readers(self._settings), busy_seconds=kept.busy_seconds
            ) as archive:
                archive.enter_death(job.portal, death)
        except YangeError as error:
            logger.error("run_not_closed", portal=job.portal, error=str(error))

    def _put_off(self, portal: str) -> PutOff | None:
        """Whether, after what its last runs met, a portal is to be left alone for a while."""
        try:
            path = self._settings.archive.path_of(portal)
            with Catalogue.open(path, self._settings.zone) as catalogue:
                return put_off(catalogue.past_runs(portal))
        except NoArchiveError:
            return None
        except YangeError as error:
            # The crawl will say the same, in a run of its own if that is possible.
            logger.error("runs_not_read", portal=portal, error=str(error))
            return None


def told(ending: Ending) -> tuple[RunOutcome, str]:
    """What the end of a crawl's process makes of its run, where it did not say so itself."""
    status = ending.status
    if ending.said is not None:
        return ending.said
    if ending.why is not None:
        return RunOutcome.INTERRUPTED, f"ended by the daemon: {ending.why}"
    if status >= 0:
        return (
            RunOutcome.FAILED,
            f"the crawl's process left with status {status} before its run was closed; see the log",
        )
    return (
        RunOutcome.FAILED if status in _FAULTS else RunOutcome.INTERRUPTED,
        f"the crawl's process died with signal {-status}",
    )


def _last_runs(count: int) -> str:
    return "the last run was" if count == 1 else f"the last {count} runs were"
