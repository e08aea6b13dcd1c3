"""What the crawler's commands find on their desk, and what they all do first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

import click

from archive import door
from archive.readings import Readers
from crawler.permit import Permit
from crawler.settings import PortalSettings
from crawler.window import Window


class Settings(Protocol):
    """What the crawler needs of the whole configuration."""

    @property
    def contact(self) -> str:
        """Whom a portal's operator can write to."""

    @property
    def portals(self) -> Mapping[str, PortalSettings]:
        """The configured portals by their keys."""


class Desk(door.Desk, Protocol):
    """What the crawler's commands need of the program that they are part of."""

    @property
    def settings(self) -> Settings:
        """The whole configuration."""

    @property
    def busy_seconds(self) -> float:
        """How long another program's transaction in the archive is waited for."""

    @property
    def readers(self) -> Readers:
        """The readers of the portals' pages."""

    @property
    def command_line(self) -> Sequence[str]:
        """What starts this program again with the same configuration."""

    def configure_logging(
        self, *, console_level: str | None = None, anywhere: bool = False
    ) -> None:
        """Begin to log as configured; with `anywhere`, to stderr where nothing is."""

    def permitted(self, portal: str) -> AbstractContextManager[Permit]:
        """Around a crawl by hand: what it is bound to, if there is anything."""

    def telling(self) -> AbstractContextManager[None]:
        """Around a run: whatever it takes to tell people of it."""

    def accept_draft(self) -> None:
        """Take a configuration whose portals have nothing to watch yet."""


def portal_named(desk: Desk, key: str) -> PortalSettings:
    """The settings of a portal by its key; raises BadParameter where there is none."""
    portals = desk.settings.portals
    if key not in portals:
        raise click.BadParameter(
            f"no portal {key!r} is configured; there is {', '.join(portals)}",
            param_hint="PORTAL",
        )
    return portals[key]


def warn_outside_window(desk: Desk, settings: PortalSettings) -> None:
    """Tell a person who crawls by hand that the portal's window is closed."""
    if settings.politeness.window is None:
        return
    if not Window.parse(settings.politeness.window, desk.timezone).contains(datetime.now(UTC)):
        click.echo(
            f"warning: this is outside the portal's window {settings.politeness.window}", err=True
        )
