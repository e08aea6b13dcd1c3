"""Where a crawl that is due runs: here, in a child of the daemon's, or wherever else there may be.

The timetable, the lanes and what is made of a crawl's end are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import psutil

from archive.errors import ConfigurationError
from scheduler.configuration import Configuration
from scheduler.crawl_process import CrawlProcess, Ending, Limits, start_crawl
from scheduler.due import Due
from scheduler.fleet.standing import fleet_standing, state_path

Start = Callable[[Configuration, Due], psutil.Popen]


class Crawl(Protocol):
    """A crawl under way. One thread waits for it; any may ask it to leave, or kill it."""

    @property
    def pid(self) -> int | None:
        """Its process, if it is one on this machine."""

    def ask(self, why: str) -> None:
        """Ask it to leave, and tell it why; once asked, asking again is nothing."""

    def kill(self) -> None:
        """End it at once, as far as it is on this machine."""

    def wait(self) -> Ending:
        """Wait until it has ended; how it did."""


class Launcher(Protocol):
    """Starts crawls, for as long as the daemon runs."""

    def start(self) -> None:
        """Begin, and return at once."""

    def stop(self) -> None:
        """End, when no crawl is waited for any more."""

    def change(self, configuration: Configuration) -> None:
        """Go by another configuration. Raises ConfigurationError where that needs a new daemon."""

    def open_jobs(self) -> list[str]:
        """The jobs whose crawls have outlived the daemon before, to be waited for."""

    def launch(self, configuration: Configuration, due: Due) -> Crawl:
        """Start the crawl that is due, and return at once. Raises OSError where it cannot be."""


class LocalLauncher:
    """Crawls as processes on this machine."""

    def __init__(self, start: Start = start_crawl) -> None:
        """`start` starts the process."""
        self._start = start

    def start(self) -> None:
        """There is nothing to begin."""

    def stop(self) -> None:
        """There is nothing to end."""

    def change(self, configuration: Configuration) -> None:
        """Go by another configuration."""
        if configuration.settings.engine != "local":
            raise ConfigurationError(ANOTHER_ENGINE)

    def open_jobs(self) -> list[str]:
        """There are none: crawls end with their daemon."""
        return []

    def launch(self, configuration: Configuration, due: Due) -> CrawlProcess:
        """Start a process, held to the portal's limits."""
        limits = configuration.settings.portals[due.job.portal].limits
        return CrawlProcess(
            self._start(configuration, due),
            Limits(timedelta(hours=limits.crawl_hours), limits.crawl_memory_mb * 1e6),
        )


ANOTHER_ENGINE = "engine has changed; a daemon has to be started anew for that"


def launcher_of(configuration: Configuration, start: Start = start_crawl) -> Launcher:
    """The launcher that the configuration asks for; `start` starts local crawls.

    Raises ConfigurationError where what it needs is not installed, or another engine has left
    orders open, and YangeError where its store cannot be used.
    """
    settings = configuration.settings
    if settings.engine == "local":
        left = fleet_standing(settings.archive.seat, is_alive=False)
        if left is not None and left.orders:
            # Both would crawl the same portals.
            raise ConfigurationError(
                f"{left.orders} orders are still open with the fleet; run the daemon with `engine:"
                " celery` until `yange status` shows none, its jobs paused, or, where the fleet is"
                f" gone, remove {state_path(settings.archive.seat)}"
            )
        return LocalLauncher(start)
    from scheduler.fleet.commands import refuse_without_extra

    refuse_without_extra()
    from scheduler.fleet.launcher import FleetLauncher

    return FleetLauncher(configuration)
