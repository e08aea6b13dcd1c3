"""The reading room's command: `serve`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import click

from archive import commands
from archive.door import archive_of_portal, shelves
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
@archive_of_portal
@click.pass_obj
def serve(desk: Desk, /, host: str | None, port: int | None, portal: str | None) -> None:
    """Serve the reading room to browsers until told to stop.

    It shows what the archive holds and changes nothing. Without other settings, only this machine
    reaches it.
    """
    # Here, since every command's start passes through this module.
    from archive.room.sources import Sources

    settings = desk.room
    shown = shelves(desk, portal)
    if not any(shelf.path.exists() for shelf in shown):
        raise NoArchiveError(shown[0].path)
    sources = Sources(
        archive=desk.kept.path,
        portals=desk.portals if portal is None else (portal,),
        zone=desk.timezone,
        readers=desk.readers,
        works=desk.works if portal is None or not desk.kept.is_split else desk.works.of(portal),
        settings=settings,
        watch=desk.watch,
    )
    desk.configure_logging()
    # Only then: what is loaded with it logs.
    from archive.room.serving import serve_room

    serve_room(
        sources,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        opened=lambda address: click.echo(f"the reading room is open at {address}"),
    )


@click.command()
@click.argument("name", required=False)
@click.option("--remove", is_flag=True, help="Let the token of that name open nothing any more.")
@commands.as_json
@click.pass_obj
def token(desk: Desk, /, name: str | None, remove: bool, as_json: bool) -> None:
    """Make a token by which NAME enters the reading room from elsewhere; without NAME, list them.

    It is shown this once; what is kept, beside the archive, is its hash. Once there is a token,
    everybody needs one, at this machine too.
    """
    from archive.room.guard.tokens import Tokens

    tokens = Tokens(desk.kept.seat)
    if name is None:
        if remove:
            raise click.UsageError("say which token is to be removed")
        held = tokens.all()
        rows = [{"name": one.name, "made_at": one.made_at} for one in held]
        commands.answer(rows, [f"{one.made_at}  {one.name}" for one in held], as_json)
    elif remove:
        tokens.remove(name)
    else:
        made_at = datetime.now(desk.timezone).isoformat(timespec="seconds")
        made = tokens.add(name, made_at)
        told = {"name": name, "made_at": made_at, "token": made}
        commands.answer(told, [made], as_json)


COMMANDS: list[click.Command] = [serve, token]
