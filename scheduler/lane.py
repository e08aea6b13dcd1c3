"""A lane: the crawls of one portal, one after another, as an APScheduler executor."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job as ScheduledJob
from apscheduler.schedulers.base import BaseScheduler

from scheduler.due import Due
from scheduler.launcher import Crawl

logger = structlog.get_logger(__name__)


class Conductor(Protocol):
    """Who does with one that is due whatever is to be done."""

    def conduct(self, due: Due, lane: Lane) -> None:
        """Crawl for it, by way of `lane.launch`, or do not, and say why."""


class Lane(BaseExecutor):  # type: ignore[misc]
    """Has what is due for one portal done in order; other portals have lanes of their own.

    A job that is due again while it waits, or is under way, is not queued twice: one crawl serves
    all slots that pass until its end.
    """

    def __init__(self, portal: str, conductor: Conductor) -> None:
        """`conductor` may be replaced at any time; it counts from the next one that is due."""
        super().__init__()
        self.conductor = conductor
        self._changed = threading.Condition()
        self._waiting: deque[Due] = deque()
        self._present: Due | None = None
        self._stopping = False
        self._crawl: Crawl | None = None
        self._thread = threading.Thread(target=self._work, name=f"lane {portal}", daemon=True)

    # --- what APScheduler calls --------------------------------------------------------------

    def start(self, scheduler: BaseScheduler, alias: str) -> None:
        """Begin to work."""
        super().start(scheduler, alias)
        self._thread.start()

    def submit_job(self, job: ScheduledJob, run_times: list[datetime]) -> None:
        """Take a job that is due."""
        # The base class would count it as running until told otherwise; the lane knows better.
        self._do_submit_job(job, run_times)

    def _do_submit_job(self, job: ScheduledJob, run_times: list[datetime]) -> None:
        # Not the job's function: that would not be told its slot.
        self.take(Due(job.args[0], run_times[-1]))

    def shutdown(self, wait: bool = True) -> None:
        """Ask the crawl under way to leave, and start no other."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            if self._crawl is not None:
                self._crawl.ask("the daemon was told to stop")
        if wait:
            self._thread.join()

    # --- what the daemon calls ---------------------------------------------------------------

    def take(self, due: Due) -> str:
        """Queue what is due; how it then stands, in words."""
        name = due.job.name
        with self._changed:
            if self._present is not None and self._present.job.name == name:
                reason = "it is under way"
            elif any(one.job.name == name for one in self._waiting):
                reason = "it is waiting for its turn already"
            else:
                self._waiting.append(due)
                self._changed.notify_all()
                if self._present is None:
                    return "it begins now"
                return f"it begins when {self._present.job.name} has ended"
        logger.warning("slot_skipped", job=name, slot=due.told_slot, reason=reason)
        return reason

    def forget(self, is_wanted: Callable[[Due], bool]) -> None:
        """Let go of what waits and is not wanted any more."""
        with self._changed:
            self._waiting = deque(due for due in self._waiting if is_wanted(due))

    def join(self, deadline: float) -> None:
        """Wait for the crawl under way until `deadline` (monotonic seconds), then kill it."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            if self._crawl is not None:
                self._crawl.kill()
        self._thread.join()

    # --- what a conductor calls --------------------------------------------------------------

    @property
    def is_stopping(self) -> bool:
        """Whether no further crawl may begin."""
        return self._stopping

    @property
    def crawl(self) -> Crawl | None:
        """The crawl under way."""
        with self._changed:
            return self._crawl

    def launch(self, start: Callable[[], Crawl]) -> Crawl | None:
        """Start a crawl that can be asked to leave from then on; None if no more may begin."""
        with self._changed:
            if self._stopping:
                return None
            self._crawl = start()
            return self._crawl

    def landed(self) -> None:
        """The crawl that was launched has ended."""
        with self._changed:
            self._crawl = None

    def _work(self) -> None:
        while (due := self._next()) is not None:
            try:
                self.conductor.conduct(due, self)
            except Exception:
                # The lane must live: the next slot may find things mended.
                logger.exception("lane_failed", job=due.job.name)

    def _next(self) -> Due | None:
        with self._changed:
            self._present = None
            self._changed.wait_for(lambda: self._stopping or self._waiting)
            if self._stopping:
                return None
            self._present = self._waiting.popleft()
            return self._present
