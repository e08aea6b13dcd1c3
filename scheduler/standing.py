"""How everything stands at a moment: the daemon, the jobs, the archive and its disk.

What `status` prints and what the monitor answers are two ways of telling this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.locations import location_key
from archive.questions.odd_columns import OddColumn
from archive.questions.tallies import Tally
from archive.runs import RunOutcome
from scheduler.archives import ArchiveStanding, Disk, archives_standing, disk_of_all, total_of
from scheduler.back_off import PutOff
from scheduler.daybook import Notes, read_notes
from scheduler.fleet.standing import FleetStanding, fleet_standing
from scheduler.jobs import Job, jobs_of
from scheduler.lock import DaemonState, daemon_state
from scheduler.overdue import overdue_since
from scheduler.settings import Settings
from scheduler.telling.summary import TellingSummary, telling_summary

LATELY = timedelta(days=7)
"""How far back what went wrong is told of."""

# A column that vanished is told of for so long; the portal has dropped it.
_VANISHED_TOLD = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStanding:
    """A job: its next slot, its last run as `runs` prints it, and whether it is as it should be.

    A job that has been `paused` since then has no next slot. `last_success` is when the last run
    ended that did its work; `overdue_since` the slot that it should have begun for.
    """

    job: Job
    next: datetime | None
    paused: datetime | None
    last: dict[str, Any] | None
    last_success: datetime | None
    overdue_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How everything stands. Without an archive `totals` is None and the lists are empty.

    `tallies` are of all runs, `lately` of those that began within `LATELY`. `fleet` is None where
    crawls run on this machine and nothing is left of any other.
    """

    at: datetime
    daemon: DaemonState
    jobs: list[JobStanding]
    put_off: dict[str, PutOff]
    archives: list[ArchiveStanding]
    telling: TellingSummary
    fleet: FleetStanding | None = None
    tallies: list[Tally] = field(default_factory=list)
    lately: list[Tally] = field(default_factory=list)
    odd_columns: list[OddColumn] = field(default_factory=list)

    @property
    def totals(self) -> dict[str, Any] | None:
        """What the archives hold, all of them together."""
        return total_of(self.archives)

    @property
    def disk(self) -> Disk:
        """What the archives take, and the disk of theirs with the least room left."""
        return disk_of_all(self.archives)

    @property
    def faults(self) -> list[str]:
        """Which archives of several cannot be read, and why."""
        return [f"{one.shelf.portal}: {one.fault}" for one in self.archives if one.fault]

    @property
    def running(self) -> list[Tally]:
        """The crawls under way."""
        return [one for one in self.tallies if one.outcome == RunOutcome.RUNNING]


def look(settings: Settings, now: datetime) -> Standing:
    """How everything stands at `now`.

    Next slots follow from the timetable, whether or not a daemon is there to keep it. Raises
    ArchiveUnusableError when portals share an archive, and it cannot be read.
    """
    seat = settings.archive.seat
    daemon, notes, telling = daemon_state(seat), read_notes(seat), telling_summary(settings)
    jobs = jobs_of(settings)
    archives = archives_standing(settings, jobs, _ms(now - LATELY))
    tallies = [tally for one in archives for tally in one.tallies]
    walls = {portal: wall for one in archives for portal, wall in one.walls.items()}
    last = {name: run for one in archives for name, run in one.last.items()}
    known = _Known(settings, now, daemon, notes, tallies, walls)
    odd_columns = [column for one in archives for column in one.odd_columns]
    return Standing(
        at=now,
        daemon=daemon,
        jobs=[known.standing(job, last.get(job.name)) for job in jobs],
        put_off={key: one for key, one in walls.items() if now < one.until},
        archives=archives,
        telling=telling,
        fleet=_fleet(settings, daemon),
        tallies=tallies,
        lately=[tally for one in archives for tally in one.lately],
        odd_columns=[one for one in odd_columns if _is_watched(one, settings, now)],
    )


def _fleet(settings: Settings, daemon: DaemonState) -> FleetStanding | None:
    standing = fleet_standing(settings.archive.seat, is_alive=daemon.alive)
    if settings.engine == "celery":
        return standing or FleetStanding()
    # What was left open when the engine was changed is still on its way.
    return standing if standing is not None and standing.orders else None


@dataclass(frozen=True, slots=True)
class _Known:
    """What jobs are judged by. `walls` are the put-offs of portals, those that are over too."""

    settings: Settings
    now: datetime
    daemon: DaemonState
    notes: Notes
    tallies: list[Tally]
    walls: dict[str, PutOff]

    def standing(self, job: Job, last: dict[str, Any] | None) -> JobStanding:
        """How a job stands whose last run this was."""
        paused = self.notes.paused.get(job.name)
        wall = self.walls.get(job.portal)
        after = self.now if wall is None else max(self.now, wall.until)
        following = [] if paused else job.next_times(after, 1)
        succeeded = [one.success_ms for one in self._own(job) if one.success_ms is not None]
        return JobStanding(
            job=job,
            next=following[0] if following else None,
            paused=paused.astimezone(job.zone) if paused else None,
            last=last,
            last_success=_instant(max(succeeded)).astimezone(job.zone) if succeeded else None,
            overdue_since=None if paused else self._overdue_since(job),
        )

    def _overdue_since(self, job: Job) -> datetime | None:
        if self._is_waiting(job):
            return None
        since = datetime.fromisoformat(self.daemon.since) if self.daemon.since else None
        wall = self.walls.get(job.portal)
        left_alone = [] if wall is None else [wall.until]
        seen_to = self.notes.seen_to.get(job.name)
        served = [*_ends(self._own(job)), *left_alone, *([seen_to] if seen_to else [])]
        served_to = max(served, default=since)
        if served_to is None:
            return None  # never crawled, and no daemon to have done it
        freed = [*_ends(self._of_portal(job)), *left_alone, *([since] if since else [])]
        return overdue_since(
            job,
            served_to=served_to,
            free_since=max(freed, default=served_to),
            now=self.now,
            grace=timedelta(seconds=self.settings.monitor.grace_seconds),
        )

    def _is_waiting(self, job: Job) -> bool:
        """Whether a crawl of its portal, or as many as there may be at once, are under way."""
        portals = {one.portal for one in self.tallies if one.outcome == RunOutcome.RUNNING}
        if self.daemon.alive:
            portals |= {name.partition("/")[0] for name in self.notes.under_way}
        return job.portal in portals or len(portals) >= self.settings.berths

    def _own(self, job: Job) -> list[Tally]:
        return [one for one in self._of_portal(job) if one.mode == job.mode]

    def _of_portal(self, job: Job) -> list[Tally]:
        return [one for one in self.tallies if one.portal == job.portal]


def _ends(tallies: list[Tally]) -> list[datetime]:
    return [_instant(one.ended_ms) for one in tallies if one.ended_ms is not None]


def _is_watched(column: OddColumn, settings: Settings, now: datetime) -> bool:
    """Whether the configuration still has a column watched, and it is worth telling of."""
    portal = settings.portals.get(column.portal)
    if portal is None:
        return False
    if column.kind == "vanished" and now - _instant(column.at_ms) > _VANISHED_TOLD:
        return False
    if column.under is not None:
        return any(location_key(one.url) == column.under for one in portal.under)
    return any(location_key(one.url) == location_key(column.url) for one in portal.columns)


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
