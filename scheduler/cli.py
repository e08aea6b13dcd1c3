"""The command line's root: where commands come from, and what a person sees when one fails."""

from __future__ import annotations

import os
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from archive.database import translated_errors
from archive.errors import FULL, YangeError
from archive.terminal import visible
from scheduler.desk import Desk

# Each has a list COMMANDS. They are imported in this order and only until a command is found:
# commands that read the archive start without whatever crawling needs.
_HOMES = (
    "scheduler.commands",
    "scheduler.control_commands",
    "archive.commands",
    "archive.evidence_commands",
    "archive.proof_commands",
    "archive.export_commands",
    "archive.storage_commands",
    "archive.search.commands",
    "archive.law.commands",
    "scheduler.log_command",
    "archive.room.commands",
    "crawler.commands",
    "scheduler.telling.commands",
    "scheduler.fleet.commands",
    "scheduler.demo",
)

_INTERRUPTED = 128 + 2  # as shells report an end by SIGINT


class Root(click.Group):
    """Finds commands in the packages that own them, and tells failures in one sentence."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(command.name or "" for command in _commands())

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`."""
        return next((command for command in _commands() if command.name == cmd_name), None)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; whatever goes wrong becomes an exit status."""
        try:
            try:
                result = super().invoke(ctx)
            finally:
                # While a broken pipe, or a full disk, can still be told from success.
                sys.stdout.flush()
            if ctx.obj and ctx.obj.shortfall:
                ctx.exit(ctx.obj.shortfall)
        except YangeError as error:
            _tell(ctx, error)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 the last resort, which logs it
            if isinstance(error, OSError) and error.errno in FULL:
                # Files of yange's own are named where they are written: it is the output's disk.
                _forget_output()
                _tell(ctx, YangeError(f"not all of this could be written: {error.strerror}"))
            # Here, since nothing needs it but a failure.
            from archive.damage import damage

            if isinstance(error, sqlite3.DatabaseError) and ctx.obj and ctx.obj.is_configured:
                # A damaged page can be come upon anywhere.
                try:
                    with translated_errors(ctx.obj.kept.path):
                        raise error
                except YangeError as told:
                    _tell(ctx, told)
                except sqlite3.DatabaseError:
                    pass  # none that a person can do anything about
            if ctx.obj and ctx.obj.is_configured:
                for shelf in ctx.obj.kept.shelves(ctx.obj.portals):
                    if (found := damage(shelf.path)) is not None:
                        _tell(ctx, found)
            _report_unexpected(error, ctx.obj)
            ctx.exit(1)
        return result


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="YANGE_CONFIG",
    default=Path("config.yaml"),
    show_default=True,
    show_envvar=True,
    help="The configuration file.",
)
@click.option(
    "--config-text", type=int, hidden=True, help="A descriptor that has what that file said."
)
@click.version_option(package_name="yange")
@click.pass_context
def root(ctx: click.Context, config: Path, config_text: int | None) -> None:
    """Watch a government portal, keep every version, and say exactly what changed."""
    ctx.obj = Desk(config, config_text)


def main() -> None:
    """The console script `yange`."""
    root(prog_name="yange")


def _forget_output() -> None:
    """Have what could not be written tried no more: Python would, and leave with 120."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _tell(ctx: click.Context, error: YangeError) -> NoReturn:
    click.echo(f"yange: {visible(str(error))}", err=True)
    ctx.exit(error.exit_status)


def _commands() -> Iterator[click.Command]:
    for home in _HOMES:
        yield from import_module(home).COMMANDS


def _report_unexpected(error: Exception, desk: Desk | None) -> None:
    """Put the traceback where it can be found, and say where in one sentence."""
    where = "the traceback stands above"
    if desk is not None and desk.is_configured and desk.settings.log.file:
        with suppress(YangeError):
            # To the file alone: stderr gets the sentence.
            desk.configure_logging(console_level="critical")
            import structlog

            structlog.get_logger(__name__).error("unexpected_error", exc_info=error)
            where = f"the traceback is in {desk.settings.log.file}"
    if where == "the traceback stands above":
        traceback.print_exception(error)
    said = f"{type(error).__name__}: {error}"
    if desk is not None and desk.is_configured:
        said = desk.configuration.mask.text(said)
    click.echo(f"yange: this should not have happened: {visible(said)}; {where}", err=True)
