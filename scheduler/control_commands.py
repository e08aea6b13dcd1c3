"""Commands to a daemon that runs: `run-now`, `pause`, `resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scheduler.desk import Desk

if TYPE_CHECKING:
    from scheduler.jobs import Job


@click.command(name="run-now")
@click.argument("job", metavar="JOB")
@click.pass_obj
def run_now(desk: Desk, /, job: str) -> None:
    """Have the running daemon run JOB, named PORTAL/MODE, as soon as its portal is free."""
    _ask(desk, "run-now", job, [one.name for one in _jobs(desk)])


@click.command()
@click.argument("name", metavar="[PORTAL|JOB]", required=False)
@click.pass_obj
def pause(desk: Desk, /, name: str | None) -> None:
    """Have the running daemon begin no crawl of a portal, or of one job, until it is resumed.

    Without a name, of no portal at all. A pause outlasts the daemon; a crawl under way goes on.
    """
    _ask(desk, "pause", name, _names(desk))


@click.command()
@click.argument("name", metavar="[PORTAL|JOB]", required=False)
@click.pass_obj
def resume(desk: Desk, /, name: str | None) -> None:
    """Have the running daemon go on with what was paused."""
    _ask(desk, "resume", name, _names(desk))


COMMANDS: list[click.Command] = [run_now, pause, resume]


def _jobs(desk: Desk) -> list[Job]:
    from scheduler.jobs import jobs_of

    return jobs_of(desk.settings)


def _names(desk: Desk) -> list[str]:
    return [*desk.portals, *(job.name for job in _jobs(desk))]


def _ask(desk: Desk, what: str, name: str | None, known: list[str]) -> None:
    from scheduler.control import ask

    if name is not None and name not in known:
        raise click.BadParameter(f"{name!r} is none of {', '.join(known)}")
    click.echo(ask(desk.kept.seat, {"what": what, "name": name}, named=desk.kept.path))
