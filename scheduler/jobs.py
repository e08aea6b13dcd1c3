"""The jobs: what the timetable makes the daemon do, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from crawler.window import Window
from scheduler.settings import MODES, Settings
from scheduler.timetable import Jittered, Schedule, instants, parse_schedule


@dataclass(frozen=True, slots=True)
class Job:
    """One mode of crawling one portal, scheduled or (`schedule` is None) only ever by hand."""

    portal: str
    mode: str
    schedule: str | None
    window: Window | None
    zone: ZoneInfo
    jitter: timedelta = timedelta()

    @property
    def name(self) -> str:
        """The name under which runs of the job are recorded: `portal/mode`."""
        return f"{self.portal}/{self.mode}"

    @property
    def timetable(self) -> Schedule | None:
        """The instants at which it is due, those outside the window included."""
        if self.schedule is None:
            return None
        schedule = parse_schedule(self.schedule, self.zone)
        return Jittered(schedule, self.jitter, self.name) if self.jitter else schedule

    def allows(self, slot: datetime) -> bool:
        """Whether the portal's window is open at `slot`."""
        return self.window is None or self.window.contains(slot)

    def opens_after(self, moment: datetime) -> datetime:
        """The first instant from `moment` on at which the portal's window is open."""
        return moment if self.window is None else self.window.opens_after(moment)

    def slots(self, after: datetime) -> Iterator[datetime]:
        """The slots after `after` at which the job will run, in the job's zone."""
        timetable = self.timetable
        if timetable is None:
            return iter(())
        return instants(timetable, after.astimezone(self.zone), self.window)

    def next_times(self, after: datetime, count: int) -> list[datetime]:
        """The first `count` of them."""
        return list(islice(self.slots(after), count))


def jobs_of(settings: Settings) -> list[Job]:
    """Every mode of every portal, in the order of the configuration."""
    jobs = []
    for key, portal in settings.portals.items():
        hours = portal.politeness.window
        window = Window.parse(hours, settings.zone) if hours else None
        jitter = timedelta(seconds=portal.timetable.jitter)
        for mode in MODES:
            schedule = getattr(portal.timetable, mode)
            jobs.append(Job(key, mode, schedule, window, settings.zone, jitter))
    return jobs


def named(jobs: Sequence[Job], name: str | None) -> list[Job]:
    """The jobs that `name` names: one as `portal/mode`, a portal's, or all if it is None."""
    return [job for job in jobs if name in (None, job.name, job.portal)]
