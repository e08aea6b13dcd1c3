"""The commands about captures: what each fetch brought, and what a person makes of it (R10)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive import presentation as people
from archive.capture import Outcome
from archive.captures import CaptureFilter
from archive.commands import Desk, answer, as_json
from archive.door import of_portal, open_catalogue, shelves
from archive.errors import NoArchiveError
from archive.showing.changes import change_lines
from archive.showing.readings import reading_sheet
from archive.showing.runs import captures_table
from archive.terminal import visible
from archive.when import end_of, start_of
from archive.whole_numbers import WholeNumber

_LIMIT = 50


@click.command()
@click.argument("index", required=False)
@click.option("--run", "run_id", type=WholeNumber(min=1), metavar="ID", help="Made by this run.")
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice([outcome.value for outcome in Outcome]),
    multiple=True,
    help="With this outcome.",
)
@click.option("--since", metavar="WHEN", help="Made then or later; a date is its start.")
@click.option("--until", metavar="WHEN", help="Made then or earlier; a date is its end.")
@click.option(
    "--limit",
    type=WholeNumber(min=1),
    default=_LIMIT,
    show_default=True,
    help="The newest so many.",
)
@click.option(
    "--raw",
    type=WholeNumber(min=1),
    metavar="ID",
    help="The bytes that this capture kept, as received.",
)
@click.option(
    "--text",
    type=WholeNumber(min=1),
    metavar="ID",
    help="What is read of the page of this capture.",
)
@of_portal
@as_json
@click.pass_obj
def captures(
    desk: Desk,
    /,
    index: str | None,
    run_id: int | None,
    outcomes: tuple[str, ...],
    since: str | None,
    until: str | None,
    limit: int,
    raw: int | None,
    text: int | None,
    portal: str | None,
    as_json: bool,
) -> None:
    """What each fetch of a page brought, newest first; of one document or address, or of all."""
    filters = (index, run_id, outcomes or None, since, until, as_json or None)
    one = [capture for capture in (raw, text) if capture is not None]
    if len(one) > 1 or (one and any(given is not None for given in filters)):
        raise click.UsageError("--raw and --text are each of one capture; give one of them alone")
    if one:
        _show_one(desk, portal, one[0], as_received=raw is not None)
        return
    chosen = CaptureFilter(
        run_id=run_id,
        portal=portal,
        outcomes=outcomes,
        since_ms=None if since is None else start_of(since, desk.timezone),
        until_ms=None if until is None else end_of(until, desk.timezone),
    )
    with open_catalogue(desk, portal) as catalogue:
        rows, are_more = catalogue.captures(index, chosen, limit)
    answer(rows, [captures_table(rows)], as_json)
    if are_more:
        click.echo(f"there are more than these {limit}; see --limit", err=True)


def _show_one(desk: Desk, portal: str | None, capture_id: int, *, as_received: bool) -> None:
    with open_catalogue(desk, portal, for_one=True) as catalogue:
        kept = catalogue.kept(capture_id)
    if as_received:
        sys.stdout.buffer.write(kept.body)
        return
    reader = desk.readers.current(kept.portal)
    reading = reader.read(kept.body, url=kept.url, content_type=kept.content_type)
    out = people.console()
    for piece in reading_sheet(kept.url, reading):
        out.print(piece, soft_wrap=True)


@click.command()
@click.argument("capture", type=WholeNumber(min=1))
@of_portal
@click.pass_obj
def accept(desk: Desk, /, capture: int, portal: str | None) -> None:
    """A suspect or blocked capture was the document after all.

    It is read and recorded like any other page of its address, in a run of its own that asks the
    portal for nothing. `yange captures --text CAPTURE` shows what there is to accept.
    """
    # Here, since only this one of these commands writes.
    from archive.archive import Archive

    path, readers = _archive_with(desk, portal, capture), desk.readers
    with desk.telling(), Archive.open(path, readers, busy_seconds=desk.busy_seconds) as archive:
        accepted = archive.accept(capture)
    with open_catalogue(desk, accepted.portal) as catalogue:
        changes = list(catalogue.changes(run_id=accepted.run.id))
    out = people.console()
    for line in change_lines(changes):
        out.print(line, soft_wrap=True)
    came = f"{len(changes)} changes" if changes else "nothing that was not known"
    click.echo(
        f"run {accepted.run.id} of {accepted.portal} (accept): capture {capture} is recorded as"
        f" capture {accepted.capture_id}, with {came}"
    )
    for problem in accepted.run.problems:
        click.echo(f"  {visible(problem)}", err=True)
    click.echo(f"ledger head {accepted.run.ledger_head} ({accepted.run.ledger_length} changes)")
    click.echo(f"seal        {accepted.run.seal}")


def _archive_with(desk: Desk, portal: str | None, capture_id: int) -> Path:
    """The archive that a capture is in."""
    asked = shelves(desk, portal)
    if len(asked) == 1:
        if not asked[0].path.exists():
            raise NoArchiveError(asked[0].path)
        return asked[0].path
    with open_catalogue(desk, for_one=True) as catalogue:
        return desk.kept.path_of(catalogue.capture(capture_id)["portal"])


COMMANDS: list[click.Command] = [captures, accept]
