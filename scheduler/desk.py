"""What every command finds on its desk: the configuration and what follows from it, once needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.permit import ALWAYS

if TYPE_CHECKING:
    from archive.room.settings import RoomSettings
    from archive.settings import ArchiveSettings, WatchList
    from crawler.permit import Permit
    from scheduler.configuration import Configuration
    from scheduler.readers import Readers
    from scheduler.settings import Settings
    from scheduler.works import Works


class Desk:
    """The `obj` of the command line's context.

    Nothing is read before it is asked for, so that `--help` and commands without a configuration
    work without one. Each property raises ConfigurationError when the configuration is at fault.
    """

    def __init__(self, configuration_path: Path, configuration_text: int | None = None) -> None:
        """`configuration_text` is the descriptor of a file with what the configuration said when
        the daemon read it; it is closed once read."""
        self.configuration_path = configuration_path.absolute()
        self._descriptor = configuration_text
        self._draft = False
        self._logs = False
        self.shortfall = 0
        """The exit status of a command that found what could be read, but not all there is."""

    @cached_property
    def text(self) -> bytes | None:
        """What the configuration said when the daemon read it, in a child of the daemon's."""
        if self._descriptor is None:
            return None
        with open(self._descriptor, "rb") as file:  # noqa: PTH123 a descriptor has no path
            return file.read()

    @cached_property
    def configuration(self) -> Configuration:
        """The checked configuration."""
        from scheduler.configuration import load

        return load(self.configuration_path, draft=self._draft, text=self.text)

    def accept_draft(self) -> None:
        """Take a configuration whose portals have nothing to watch yet."""
        self._draft = True

    @property
    def settings(self) -> Settings:
        """All settings."""
        return self.configuration.settings

    @property
    def kept(self) -> ArchiveSettings:
        """Where the archive is kept, or each portal's; paths are absolute."""
        return self.settings.archive

    @property
    def busy_seconds(self) -> float:
        """How long another program's transaction in the archive is waited for."""
        return self.settings.archive.busy_seconds

    @property
    def timezone(self) -> ZoneInfo:
        """The configured time zone, in which people read and type dates."""
        return self.settings.zone

    @property
    def command_line(self) -> tuple[str, ...]:
        """What starts this program again with the same configuration."""
        return (sys.executable, "-m", "scheduler", "--config", str(self.configuration_path))

    def fall_short(self, status: int) -> None:
        """The command leaves with this exit status, if no graver one is given: 1 is graver than 3.

        For an archive that could not be read, where there are others.
        """
        self.shortfall = min(filter(None, (self.shortfall, status)))

    @property
    def portals(self) -> tuple[str, ...]:
        """The keys of the configured portals."""
        return tuple(self.settings.portals)

    @property
    def watch(self) -> dict[str, WatchList]:
        """The lists of what somebody watches, by name."""
        return self.settings.watch

    @cached_property
    def readers(self) -> Readers:
        """The readers of pages for the configured portals."""
        from scheduler.readers import Readers

        return Readers(self.settings)

    @property
    def room(self) -> RoomSettings:
        """The reading room's section of the configuration."""
        return self.settings.room

    @property
    def works(self) -> Works:
        """What the reading room shows of the works around the archive."""
        from scheduler.works import Works

        return Works(self.settings)

    def configure_logging(
        self, *, console_level: str | None = None, anywhere: bool = False
    ) -> None:
        """Log as the configuration says; `console_level` is the least that stderr shows.

        With `anywhere`, a machine without a configuration logs to stderr.

        A command that draws a progress bar passes `"warning"`, so that the bar stays readable;
        by default stderr shows what the log file gets. Until this is called nobody may log:
        structlog, which is slow to import, is not even loaded.
        """
        from scheduler import logs

        self._logs = True
        if anywhere and self.text is None and not self.configuration_path.exists():
            logs.configure(level="info", console_level=console_level)
            return
        logs.configure_as(self.configuration, console_level=console_level)

    @contextmanager
    def permitted(self, portal: str) -> Iterator[Permit]:
        """Around a crawl by hand: what it is bound to, so that no other asks its hosts meanwhile.

        Raises BusyError while the fleet crawls them.
        """
        if self.settings.engine == "local":
            yield ALWAYS
            return
        from scheduler.fleet.commands import refuse_without_extra

        refuse_without_extra()
        from scheduler.fleet.by_hand import leased

        with leased(self.settings, portal) as permit:
            yield permit

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Around a run: what has to be ready before it to tell of it, and the feeds after it.

        A run is not the worse for feeds that cannot be written: that is said, and no more.
        """
        if not (self.settings.notify or self.settings.feeds):
            yield
            return
        from scheduler.telling.around_runs import after_run, before_run

        if not self._logs:
            self.configure_logging(console_level="warning")
        before_run(self.settings)
        yield
        after_run(self.settings)

    @property
    def is_configured(self) -> bool:
        """Whether the configuration has been read, and found sound."""
        return "configuration" in self.__dict__
