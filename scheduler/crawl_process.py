"""A crawl in a process of its own: what hangs, leaks or dies there takes nothing with it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import psutil
import structlog

from archive.runs import RunOutcome
from scheduler.child import start_child
from scheduler.configuration import Configuration
from scheduler.due import Due

logger = structlog.get_logger(__name__)

# A crawl needs about two seconds to close its run, and a host that hangs at most this long.
GRACE_SECONDS = 12.0
_LOOK_SECONDS = 1.0
# Beyond so many times its limit there is no time to ask whether a crawl would leave.
_RAMPANT = 2
_MEGABYTE = 1_000_000
_USED = "it used"
_TOOK = "it had not come to its end after"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a crawl may take, and how many bytes of memory, with the processes it started.

    `grace` are the seconds from being asked to leave to being killed.
    """

    time: timedelta
    memory: float
    grace: float = GRACE_SECONDS


class Ending(NamedTuple):
    """How a crawl's process ended: its exit status, or the number of a signal, negative.

    `why` is what it was ended for, None if nobody asked it to leave. `said` is what became of its
    run, where that is known and nobody has entered it. One that `goes_on` without being waited for
    has not ended at all.
    """

    status: int
    why: str | None
    seconds: float
    peak_memory: int
    said: tuple[RunOutcome, str] | None = None
    goes_on: bool = False


def start_crawl(configuration: Configuration, due: Due) -> psutil.Popen:
    """Start the crawl that is due, by `configuration`, whatever its file says by now.

    It leaves when its stdin closes. Raises OSError when no process can be started.
    """
    job = due.job
    command = ["crawl", job.portal, "--mode", job.mode, "--job", job.name]
    command += ["--slot", due.told_slot, "--tethered"]
    if due.by_hand:
        command += ["--any-time"]
    return start_child(configuration, command)


class CrawlProcess:
    """A crawl under way, held to its limits.

    One thread waits for it; any may ask it to leave, or kill it.
    """

    def __init__(self, child: psutil.Popen, limits: Limits) -> None:
        self.pid: int = child.pid
        self._child = child
        self._limits = limits
        self._started = time.monotonic()
        self._peak = 0
        self._guard = threading.Lock()
        self._why: str | None = None
        self._asked_at = 0.0

    def ask(self, why: str) -> None:
        """Ask it to leave, and tell it why; once asked, asking again is nothing."""
        with self._guard:
            if self._why is not None:
                return
            self._why, self._asked_at = why, time.monotonic()
        with suppress(OSError):
            self._child.stdin.write(why.encode() + b"\n")
            self._child.stdin.flush()
        with suppress(psutil.NoSuchProcess):
            self._child.terminate()

    def kill(self) -> None:
        """End it at once, with whatever it started."""
        logger.error("crawl_killed", pid=self.pid)
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def wait(self) -> Ending:
        """Wait until it has ended, by itself or because it went beyond its limits."""
        while True:
            try:
                status = self._child.wait(timeout=_LOOK_SECONDS)
                break
            except psutil.TimeoutExpired:
                self._look()
        with suppress(OSError):
            self._child.stdin.close()
        seconds = time.monotonic() - self._started
        return Ending(int(status), self._why, seconds, self._peak)

    def _look(self) -> None:
        memory = self._memory()
        self._peak = max(self._peak, memory)
        now = time.monotonic()
        if self._why is not None and now - self._asked_at > self._limits.grace:
            self.kill()
        elif memory > self._limits.memory:
            self.ask(f"{_USED} {memory / _MEGABYTE:,.0f} MB of memory")
            if memory > _RAMPANT * self._limits.memory:
                self.kill()
        elif now - self._started > self._limits.time.total_seconds():
            self.ask(f"{_TOOK} {_in_words(self._limits.time)}")

    def _memory(self) -> int:
        """What it and the processes it started hold at this moment, in bytes."""
        held = 0
        for process in self._family():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                held += process.memory_info().rss
        return held

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return [self._child, *self._child.children(recursive=True)]
        return []


def is_beyond_limits(why: str) -> bool:
    """Whether this is what a crawl is asked to leave for that went beyond its limits."""
    return why.startswith((_USED, _TOOK))


def _in_words(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours:g} h" if hours >= 1 else f"{time.total_seconds():g} s"
