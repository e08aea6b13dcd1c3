"""A lane: the crawls of one portal, one after another, as an APScheduler executor."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from queue import SimpleQueue

import structlog
from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job as ScheduledJob
from apscheduler.schedulers.base import BaseScheduler

from scheduler.back_off import PutOff
from scheduler.jobs import Job

logger = structlog.get_logger(__name__)

Start = Callable[[Job, datetime], subprocess.Popen[bytes]]
Died = Callable[[str], None]
IsPutOff = Callable[[str], PutOff | None]
Ended = Callable[[str], None]

_DONE, _INCOMPLETE = 0, 3  # exit statuses of a crawl that has closed its run


class Lane(BaseExecutor):  # type: ignore[misc]
    """Runs what is due for one portal in order; other portals have lanes of their own.

    APScheduler counts a job as running from the moment it is handed over, and hands it over once
    at a time: a job that is still waiting or running when it is due again is not queued twice.
    """

    def __init__(
        self, portal: str, start: Start, died: Died, is_put_off: IsPutOff, ended: Ended
    ) -> None:
        """`start` starts a crawl; `died` is told the portal of one that may not have closed its
        run; `is_put_off` says whether, after what its last runs met, a portal is left alone;
        `ended` is told the portal of every crawl that has ended, when its run is closed."""
        super().__init__()
        self._start_crawl = start
        self._died = died
        self._is_put_off = is_put_off
        self._ended = ended
        self._due: SimpleQueue[tuple[str, Job, datetime] | None] = SimpleQueue()
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._work, name=f"lane {portal}", daemon=True)

    def start(self, scheduler: BaseScheduler, alias: str) -> None:
        """Begin to work; called by APScheduler."""
        super().start(scheduler, alias)
        self._thread.start()

    def shutdown(self, wait: bool = True) -> None:
        """Ask the crawl under way to leave and start no other; called by APScheduler."""
        with self._guard:
            self._stopping.set()
            if self._child is not None:
                self._child.terminate()
        self._due.put(None)
        if wait:
            self._thread.join()

    def join(self, deadline: float) -> None:
        """Wait for the crawl under way until `deadline` (monotonic seconds), then kill it."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        with self._guard:
            child = self._child
            if child is not None:
                logger.error("crawl_killed", pid=child.pid)
                child.kill()
        self._thread.join()

    def _do_submit_job(self, job: ScheduledJob, run_times: list[datetime]) -> None:
        # Not the job's function: that would not be told its slot.
        self._due.put((job.id, job.args[0], run_times[-1]))

    def _work(self) -> None:
        while (due := self._due.get()) is not None and not self._stopping.is_set():
            identity, job, slot = due
            try:
                self._crawl(job, slot.astimezone(job.zone))
            except Exception:
                # The lane must live: the next slot may find things mended.
                logger.exception("lane_failed", portal=job.portal, job=job.name)
            self._run_job_success(identity, [])

    def _crawl(self, job: Job, slot: datetime) -> None:
        log = logger.bind(portal=job.portal, job=job.name, slot=slot.isoformat())
        # A crawl that waited for another can find the window closed by now.
        if not (job.allows(slot) and job.allows(datetime.now(UTC))):
            log.info("slot_skipped", reason="outside the portal's window")
            return
        put_off = self._is_put_off(job.portal)
        if put_off is not None and datetime.now(UTC) < put_off.until:
            log.warning(
                "slot_put_off",
                reason=f"{put_off.stopped_runs} runs in a row were stopped, mostly blocked",
                until=put_off.until.astimezone(job.zone).isoformat(timespec="seconds"),
            )
            return
        with self._guard:
            if self._stopping.is_set():
                return
            child = self._child = self._start_crawl(job, slot)
        log.info("crawl_started", pid=child.pid)
        started = time.monotonic()
        with child:
            status = child.wait()
        with self._guard:
            self._child = None
        log = log.bind(exit_status=status, seconds=round(time.monotonic() - started, 1))
        if status == _DONE:
            log.info("crawl_done")
        elif status == _INCOMPLETE:
            log.warning("crawl_incomplete")
        else:
            if self._stopping.is_set():
                log.info("crawl_stopped")
            else:
                log.error("crawl_failed")
            self._died(job.portal)
        self._ended(job.portal)
