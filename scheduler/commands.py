"""The scheduler's own commands: thin doors onto the functions that do the work."""

from __future__ import annotations

from datetime import datetime

import click

from archive.presentation import print_json
from scheduler.desk import Desk

_as_json = click.option("--json", "as_json", is_flag=True, help="JSON to stdout, nothing else.")


@click.command()
@_as_json
@click.pass_obj
def check(desk: Desk, as_json: bool) -> None:
    """Validate the configuration and show the timetable's next times."""
    from scheduler import output
    from scheduler.plan import plan
    from scheduler.telling.soundness import refuse_unknown_services

    refuse_unknown_services(desk.configuration)
    planned = plan(desk.configuration_path, desk.settings, datetime.now(desk.timezone))
    if as_json:
        print_json(planned)
    else:
        output.print_plan(planned)


@click.command()
@click.pass_obj
def run(desk: Desk) -> None:
    """Crawl by the timetable until told to stop, in the foreground."""
    from scheduler.daemon import serve
    from scheduler.telling.soundness import refuse_unknown_services

    refuse_unknown_services(desk.configuration)
    desk.configure_logging()
    serve(desk.configuration)


@click.command()
@click.option("--portal", metavar="KEY", help="Of this portal.")
@_as_json
@click.pass_obj
def status(desk: Desk, portal: str | None, as_json: bool) -> None:
    """Show the daemon, each job's next and last run, totals and disk."""
    from scheduler import output
    from scheduler.state import state

    if portal is not None and portal not in desk.portals:
        raise click.BadParameter(
            f"there is no portal {portal!r}; there is {', '.join(desk.portals)}",
            param_hint="--portal",
        )
    found = state(desk.settings, datetime.now(desk.timezone), portal)
    if as_json:
        print_json(found)
    else:
        output.print_state(found)
    if any(one["problem"] for one in found.get("archives", ())):
        desk.fall_short(1)


COMMANDS: list[click.Command] = [check, run, status]
