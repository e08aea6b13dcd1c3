"""The reading room's command: `serve`."""

from __future__ import annotations

from typing import Protocol

import click

from archive import commands
from archive.errors import NoArchiveError
from archive.room.settings import RoomSettings
from archive.room.works import Works


class Desk(commands.Desk, Protocol):
    """What these commands need of the program that they are part of."""

    @property
    def room(self) -> RoomSettings:
        """The reading room's section of the configuration."""

    @property
    def works(self) -> Works:
        """What the reading room shows of the works around the archive."""

    def configure_logging(self, *, console_level: str | None = None) -> None:
        """Log as the configuration says."""


@click.command()
@click.option("--host", help="The address to listen at; other than loopback it takes a token.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen at; 0 for any.")
@click.pass_obj
def serve(desk: Desk, /, host: str | None, port: int | None) -> None:
    """Serve the reading room to browsers until told to stop.

    It shows what the archive holds and changes nothing. Without other settings, only this machine
    reaches it.
    """
    # Here, since every command's start passes through this module.
    from archive.room.serving import serve_room
    from archive.room.sources import Sources

    settings = desk.room
    if not desk.archive_path.exists():
        raise NoArchiveError(desk.archive_path)
    sources = Sources(
        archive=desk.archive_path,
        zone=desk.timezone,
        readers=desk.readers,
        works=desk.works,
        settings=settings,
    )
    desk.configure_logging()
    serve_room(
        sources,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        opened=lambda address: click.echo(f"the reading room is open at {address}"),
    )


COMMANDS: list[click.Command] = [serve]
