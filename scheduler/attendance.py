"""Attendance: the timetable is kept, each job handed to its portal's lane when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from scheduler.due import Due
from scheduler.jobs import Job
from scheduler.lane import Conductor, Lane
from scheduler.timetable import Schedule

# A slot that nobody has handed over by then never will be.
_STANDSTILL = timedelta(seconds=60)


class Attendance:
    """Keeps the timetable from `start` to `stop`. The jobs and what is done with them may change.

    Its methods are for one thread, but for `run_now`; lanes have threads of their own.
    """

    def __init__(self, jobs: list[Job], conductor: Conductor) -> None:
        self.jobs = jobs
        self._conductor = conductor
        self._lanes: dict[str, Lane] = {}
        self._scheduler = BackgroundScheduler(
            # Triggers know their own zone. Reckoning the present in UTC spares them the hours that
            # a wall clock shows twice.
            timezone=UTC,
            # A slot that finds its lane busy waits, however long; several missed ones are one.
            job_defaults={"coalesce": True, "misfire_grace_time": None},
        )

    def start(self, now: datetime, catch_up: Mapping[str, datetime]) -> None:
        """Begin, with the slots later than `now`; `catch_up` are jobs to be run at other times."""
        for job in self.jobs:
            self._add(job, catch_up.get(job.name), now)
        self._scheduler.start()

    def change(self, jobs: list[Job], conductor: Conductor, now: datetime) -> list[str]:
        """Go on with these jobs, leaving crawls under way alone; the names of those scheduled anew.

        A job that is as it was keeps its next time, and its place where it waits.
        """
        known = {job.name: job for job in self.jobs}
        wanted = {job.name: job for job in jobs}
        self.jobs, self._conductor = jobs, conductor
        for lane in self._lanes.values():
            lane.conductor = conductor
            lane.forget(lambda due: due.job == wanted.get(due.job.name))
        for name, job in known.items():
            if job != wanted.get(name) and job.schedule is not None:
                with suppress(JobLookupError):  # one that will never be due again leaves by itself
                    self._scheduler.remove_job(name)
        changed = [job for job in jobs if job != known.get(job.name)]
        for job in changed:
            self._add(job, None, now)
        return [job.name for job in changed if job.schedule is not None]

    def run_now(self, name: str) -> str | None:
        """Put a job in its lane, scheduled or not; how it stands then. None if there is no such."""
        job = next((job for job in self.jobs if job.name == name), None)
        if job is None:
            return None
        return self._lanes[job.portal].take(Due(job, datetime.now(UTC), by_hand=True))

    def resume(self, name: str) -> None:
        """Put a job in its lane whose crawl outlived the daemon before."""
        for job in self.jobs:
            if job.name == name:
                self._lanes[job.portal].take(Due(job, datetime.now(UTC)))

    def is_kept(self, now: datetime) -> bool:
        """Whether slots are handed over; have it look, in case the clock was set meanwhile."""
        due = self._next()
        self._scheduler.wakeup()
        return due is None or now - due < _STANDSTILL

    def told(self) -> str:
        """How things stand, in words, for whoever asks the service manager."""
        under_way = sum(lane.crawl is not None for lane in self._lanes.values())
        due = self._next()
        following = "nothing scheduled"
        if due is not None:
            following = (
                f"next slot {due.astimezone(self.jobs[0].zone).isoformat(timespec='seconds')}"
            )
        return f"{under_way} crawl{'s' if under_way != 1 else ''} under way, {following}"

    def stop(self) -> None:
        """Start nothing more, and ask the crawls under way to leave."""
        self._scheduler.shutdown(wait=False)

    def join(self, deadline: float) -> None:
        """Wait for the crawls under way until `deadline` (monotonic seconds), then kill them."""
        for lane in self._lanes.values():
            lane.join(deadline)

    def _add(self, job: Job, at: datetime | None, now: datetime) -> None:
        if job.portal not in self._lanes:
            self._lanes[job.portal] = Lane(job.portal, self._conductor)
            self._scheduler.add_executor(self._lanes[job.portal], alias=job.portal)
        timetable = job.timetable
        if timetable is None:
            return
        self._scheduler.add_job(
            _crawl,
            _Trigger(timetable),
            args=[job],
            id=job.name,
            name=job.name,
            executor=job.portal,
            next_run_time=at or timetable.first_after(now),
        )

    def _next(self) -> datetime | None:
        times = (job.next_run_time for job in self._scheduler.get_jobs())
        due: datetime | None = min((at for at in times if at is not None), default=None)
        return due


class _Trigger(BaseTrigger):  # type: ignore[misc]
    """A job's schedule, as APScheduler asks for it."""

    __slots__ = ("_schedule",)

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The slot that follows `previous`, or else the first that is not before `now`."""
        return self._schedule.first_after(previous or now - timedelta(microseconds=1))


def _crawl(job: Job) -> None:
    """What APScheduler takes for a job's function; a lane has the crawl done itself."""
    raise AssertionError(f"{job.name} belongs in a lane")
