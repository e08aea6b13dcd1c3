"""The command `log`: a thin door onto the reading of the log."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from archive.errors import FULL, ConfigurationError, YangeError
from archive.when import end_of, start_of
from archive.whole_numbers import WholeNumber
from scheduler.desk import Desk
from scheduler.log_reader import LEVELS, Event, LogFilter, events, newest

# As many as there are in two or three quiet runs: enough to see how the last night went.
_UNASKED = 200
_BEFORE_FOLLOWING = 10


@click.command("log")
@click.option("--run", type=WholeNumber(min=1), metavar="ID", help="Of this run only.")
@click.option("--level", type=click.Choice(LEVELS), help="So grave at least.")
@click.option("--portal", metavar="KEY", help="Of this portal only.")
@click.option("--since", metavar="WHEN", help="Not before; a date is its start.")
@click.option("--until", metavar="WHEN", help="Not after; a date is its end.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on.")
@click.option(
    "-n",
    "--limit",
    type=WholeNumber(min=0),
    help=f"The newest so many. Otherwise all, but {_UNASKED} where no option says which, and"
    f" {_BEFORE_FOLLOWING} before following.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="JSON to stdout: an array; lines while following."
)
@click.pass_obj
def log(
    desk: Desk,
    /,
    run: int | None,
    level: str | None,
    portal: str | None,
    since: str | None,
    until: str | None,
    follow: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """The log, oldest first: of a run, a portal or a time, from a level on."""
    # Here, since the list of all commands passes through this module.
    from scheduler.log_follow import follow as following
    from scheduler.log_output import print_as_array, print_as_lines, print_events

    path = _log_file(desk)
    if follow and until is not None:
        raise click.UsageError("--follow goes on without end; leave --until out")
    chosen = LogFilter(
        run,
        level,
        portal,
        None if since is None else start_of(since, desk.timezone),
        None if until is None else end_of(until, desk.timezone),
    )
    is_cut = False
    found: Iterable[Event]
    try:
        if follow:
            found = following(path, chosen, _BEFORE_FOLLOWING if limit is None else limit)
        elif limit is None and (as_json or chosen != LogFilter()):
            found = events(path, chosen)
        else:
            wanted = _UNASKED if limit is None else limit
            last = newest(path, chosen, wanted + 1)
            is_cut = len(last) > wanted
            found = last[1:] if is_cut else last
        if as_json:
            (print_as_lines if follow else print_as_array)(found)
        elif print_events(found, desk.timezone) == 0 and not is_cut:
            there = path.exists()
            told = "nothing in the log is so" if there else f"there is no log yet at {path}"
            click.echo(told, err=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno in FULL:  # what is read is printed meanwhile
            raise
        raise YangeError(f"the log {path} cannot be read: {error.strerror}") from error
    if is_cut:
        click.echo("there is more before; see --limit, --since and --run", err=True)


def _log_file(desk: Desk) -> Path:
    path = desk.settings.log.file
    if path is None:
        raise ConfigurationError(
            "no log file is configured, so there is no log to read; name one under log.file"
        )
    return path


COMMANDS: list[click.Command] = [log]
