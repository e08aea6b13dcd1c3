"""The daybook: what a daemon must know of the one before it, in a small file beside the archive.

Up to when it has seen to each job's slots, which crawls it had under way, and which jobs a person
has paused. Not in the archive, whose writers would have to be waited for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson


@dataclass(slots=True)
class Notes:
    """What stands in a daybook, by the names of jobs.

    `seen_to`: up to when its slots have been crawled for, or skipped for a reason. `under_way`: the
    slot of a crawl that has not been seen to end. `paused`: since when.
    """

    seen_to: dict[str, datetime] = field(default_factory=dict)
    under_way: dict[str, str] = field(default_factory=dict)
    paused: dict[str, datetime] = field(default_factory=dict)


def daybook_path(archive: Path) -> Path:
    """The daybook of the daemon that serves `archive`."""
    return archive.with_name(archive.name + ".daemon.json")


def read_notes(archive: Path) -> Notes:
    """What stands in the daybook beside `archive`; nothing where there is none, or no sound one."""
    try:
        told = orjson.loads(daybook_path(archive).read_bytes())
        return Notes(
            _instants(told["seen_to"]),
            {str(job): str(slot) for job, slot in told["under_way"].items()},
            _instants(told["paused"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Notes()


class Daybook:
    """The daybook of the daemon that is here; every note is in the file when its method returns.

    Any thread may use it. That the file cannot be written is logged: crawls matter more.
    """

    def __init__(self, archive: Path) -> None:
        self._path = daybook_path(archive)
        self._notes = read_notes(archive)
        self._guard = threading.Lock()

    @property
    def notes(self) -> Notes:
        """A copy of what stands in it."""
        with self._guard:
            notes = self._notes
            return Notes(dict(notes.seen_to), dict(notes.under_way), dict(notes.paused))

    def is_paused(self, job: str) -> bool:
        """Whether a person has paused the job."""
        with self._guard:
            return job in self._notes.paused

    def open_on(self, jobs: Iterable[str], now: datetime) -> None:
        """Begin anew with these jobs, all of them seen to, and none under way, as of `now`."""
        with self._guard:
            self._notes.seen_to = dict.fromkeys(jobs, now)
            self._notes.under_way = {}
            self._write()

    def see_to(self, jobs: Iterable[str], now: datetime) -> None:
        """Slots of these jobs up to `now` are seen to."""
        with self._guard:
            self._notes.seen_to |= dict.fromkeys(jobs, now)
            self._write()

    def begin(self, job: str, slot: str, now: datetime) -> None:
        """A crawl begins, which serves every slot of the job up to `now`."""
        with self._guard:
            self._notes.seen_to[job] = now
            self._notes.under_way[job] = slot
            self._write()

    def end(self, job: str, now: datetime) -> None:
        """It has ended; slots that came meanwhile are served by it."""
        with self._guard:
            self._notes.seen_to[job] = now
            self._notes.under_way.pop(job, None)
            self._write()

    def pause(self, jobs: Iterable[str], now: datetime) -> None:
        """Pause these jobs; those that are paused already stay so since when they are."""
        with self._guard:
            self._notes.paused = dict.fromkeys(jobs, now) | self._notes.paused
            self._write()

    def resume(self, jobs: Iterable[str], now: datetime) -> None:
        """Let these jobs go on; their slots up to `now` are seen to."""
        with self._guard:
            resumed = [job for job in jobs if self._notes.paused.pop(job, None)]
            self._notes.seen_to |= dict.fromkeys(resumed, now)
            self._write()

    def _write(self) -> None:
        partial = self._path.with_name(f".{self._path.name}.partial")
        try:
            partial.write_bytes(orjson.dumps(self._notes, option=orjson.OPT_INDENT_2) + b"\n")
            partial.replace(self._path)
        except OSError as error:
            # Here, since `status` reads the daybook too, and does without.
            import structlog

            structlog.get_logger(__name__).error(
                "daybook_not_written", path=str(self._path), reason=error.strerror
            )


def _instants(told: dict[str, str]) -> dict[str, datetime]:
    instants = {str(job): datetime.fromisoformat(at) for job, at in told.items()}
    if any(at.tzinfo is None for at in instants.values()):
        raise ValueError("a time without an offset")
    return instants
