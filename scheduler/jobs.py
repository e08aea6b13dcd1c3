"""The jobs: what the timetable makes the daemon do, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crawler.window import Window
from scheduler.settings import MODES, Settings
from scheduler.timetable import Trigger, next_times, parse_schedule


@dataclass(frozen=True, slots=True)
class Job:
    """One mode of crawling one portal, scheduled or (`schedule` is None) only ever by hand."""

    portal: str
    mode: str
    schedule: str | None
    window: Window | None
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """The name under which runs of the job are recorded: `portal/mode`."""
        return f"{self.portal}/{self.mode}"

    @property
    def trigger(self) -> Trigger | None:
        """The instants of the schedule, those outside the window included."""
        return parse_schedule(self.schedule, self.zone) if self.schedule else None

    def allows(self, slot: datetime) -> bool:
        """Whether the portal's window is open at `slot`."""
        return self.window is None or self.window.contains(slot)

    def next_times(self, after: datetime, count: int) -> list[datetime]:
        """The first `count` slots after `after` at which the job will run, in the job's zone."""
        trigger = self.trigger
        if trigger is None:
            return []
        return next_times(trigger, after.astimezone(self.zone), count, self.window)


def jobs_of(settings: Settings) -> list[Job]:
    """Every mode of every portal, in the order of the configuration."""
    jobs = []
    for key, portal in settings.portals.items():
        hours = portal.politeness.window
        window = Window.parse(hours, settings.zone) if hours else None
        for mode in MODES:
            schedule = getattr(portal.timetable, mode)
            jobs.append(Job(key, mode, schedule, window, settings.zone))
    return jobs
