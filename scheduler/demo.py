"""The demonstration: watch the replica portal through a month, with the commands a person uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from archive.errors import YangeError

_COLOUR = "cyan"

# The document whose validity ends, and the one whose text changes by one character.
_REPEALED = "lift-rules"
_AMENDED = "talent-housing"


class _Stage:
    """A folder with the demo's configuration and archive, and a way to run commands on it."""

    def __init__(self, folder: Path) -> None:
        self.configuration = folder / "config.yaml"

    def run(self, *words: str) -> None:
        """Show a command as a person types it, and run it."""
        click.secho(f"\n$ {self.typed(*words)}", bold=True)
        command = [sys.executable, "-m", "scheduler", "--config", str(self.configuration), *words]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 our own command
            raise YangeError(f"the demonstration failed at `{self.typed(*words)}`")

    def typed(self, *words: str) -> str:
        """A command as a person would type it here."""
        path = os.path.relpath(self.configuration)
        return " ".join([_own_name(), "--config", path, *words])


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the demo's configuration and archive go; an earlier demo there is replaced.",
)
def demo(folder: Path) -> None:
    """Watch a replica portal change, and show what was found."""
    # Here, since the list of all commands passes through this module.
    from crawler.replica.documents import documents
    from crawler.replica.replica import Replica

    _clear(folder)
    stage = _Stage(folder)
    with Replica() as replica:
        archive = Path("replica.db")
        stage.configuration.write_text(replica.configuration(archive), encoding="utf-8")
        repealed, amended = (documents()[key].index_number for key in (_REPEALED, _AMENDED))
        _tell(f"A replica of a city's portal is served at {replica.city} and {replica.agency}.")
        _tell("The first evening: everything on it is new.")
        stage.run("crawl", "--mode", "sweep")
        replica.move_to("quiet")
        _tell("The next day only visit counters, neighbours and time stamps have moved.")
        stage.run("crawl", "--mode", "sweep")
        replica.move_to("amended")
        _tell("A day later documents have been amended, repealed, moved, and published.")
        stage.run("crawl", "--mode", "sweep")
        stage.run("changes", "--run", "3")
        _tell("One of them has lost its force; these are its versions, with their dates.")
        stage.run("history", repealed)
        _tell("In another one a single character is different.")
        stage.run("diff", amended)
        replica.move_to("redesigned")
        _tell("Weeks later the portal looks different on every page; its documents are the same.")
        stage.run("crawl", "--mode", "sweep")
        _tell("Only the document that was gone a second time is new: it is withdrawn.")
        stage.run("changes", "--run", "4")
        stage.run("verify")
    _tell("The archive stays. Try next:")
    for words in (
        ("list", "--validity", "repealed"),
        ("show", amended, "--version", "1"),
        ("diff", amended, "--html", "revision.html"),
        ("changes", "--kind", "validity", "--json"),
        ("runs",),
    ):
        click.echo(f"  {stage.typed(*words)}")
    _tell("Or read it in a browser, at the address that this says:")
    click.echo(f"  {stage.typed('serve')}")


def _own_name() -> str:
    """What to type to run this program: its name, or its path where the shell does not find it."""
    program = Path(sys.argv[0])
    if program.name != "yange" or shutil.which("yange"):
        return "yange"
    return os.path.relpath(program)


def _clear(folder: Path) -> None:
    """Make an empty folder for the demo; nothing but an earlier demo is ever removed."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "replica.db").exists():
        raise YangeError(f"{folder} is no earlier demo's folder; name another with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _tell(sentence: str) -> None:
    click.secho(f"\n{sentence}", fg=_COLOUR)


COMMANDS: list[click.Command] = [demo]
