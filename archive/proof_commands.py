"""The commands that prove and keep: `verify`, `receipt`, `backup` (R17, R18)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive import checking
from archive import presentation as people
from archive.catalogue import Catalogue
from archive.checking import Checked
from archive.checks import note_check
from archive.commands import Desk, as_json, index, progress_bar
from archive.door import (
    archive_of_portal,
    for_each,
    of_portal,
    open_catalogue,
    refuse_archives,
    shelves,
    target_of,
    tell_faults,
)
from archive.errors import ArchiveUnusableError
from archive.showing.documents import receipt_sheet
from archive.terminal import visible
from archive.when import end_of, start_of
from archive.whole_numbers import WholeNumber

if TYPE_CHECKING:
    from archive.shelves import Shelf

_force = click.option("--force", is_flag=True, help="Replace a file that is there.")


@click.command()
@click.option(
    "--since",
    metavar="WHEN",
    help="Hash and read again only what runs recorded that ended then or later.",
)
@archive_of_portal
@as_json
@click.pass_obj
@click.pass_context
def verify(
    ctx: click.Context, desk: Desk, /, since: str | None, portal: str | None, as_json: bool
) -> None:
    """Check that everything is there and as it was recorded.

    With --since, for a nightly pass, the chains are still walked from their beginnings. What was
    found is noted beside the archive, for `yange status`.
    """
    since_ms = None if since is None else start_of(since, desk.timezone)
    asked = shelves(desk, portal)
    checked = [_checked(desk, shelf, since, since_ms, is_one=len(asked) == 1) for shelf in asked]
    if as_json:
        people.print_json(checking.as_json(checked, since=since))
    else:
        for one in checked:
            whose = "" if len(asked) == 1 else f"{one.shelf.portal}: "
            for line in checking.in_words(one.found) if one.found is not None else ():
                click.echo(f"{whose}{visible(line)}")
    tell_faults(desk, {str(one.shelf.portal): one.error for one in checked if one.error})
    if any(one.problems for one in checked):
        click.echo(
            "yange: restore the archive from a backup that `yange verify` finds whole, or keep it"
            " and restore beside it",
            err=True,
        )
        ctx.exit(1)


def _checked(
    desk: Desk, shelf: Shelf, since: str | None, since_ms: int | None, *, is_one: bool
) -> Checked:
    """Check one archive, and note what was found; of several, also that it cannot be read."""
    try:
        with (
            Catalogue.open(shelf.path, desk.timezone) as catalogue,
            progress_bar() as bar,
        ):
            task = bar.add_task("database", total=None)

            def progress(what: str, done: int, total: int) -> None:
                bar.update(task, description=what, completed=done, total=total)

            found = catalogue.verify(desk.readers, progress, since_ms=since_ms)
    except ArchiveUnusableError as error:
        if is_one:
            raise
        return Checked(shelf, None, error)
    now = datetime.now(desk.timezone).isoformat(timespec="seconds")
    try:
        note_check(shelf.path, found, at=now, since=since)
    except OSError as error:
        click.echo(f"yange: that it was checked could not be noted: {error.strerror}", err=True)
    return Checked(shelf, found, None)


@click.command()
@index
@click.option("--version", type=WholeNumber(min=1), help="This version; else the newest.")
@click.option("--as-of", metavar="WHEN", help="The version that stood then; a date is its end.")
@click.option(
    "--run",
    "run_id",
    type=WholeNumber(min=1),
    metavar="ID",
    help="Against the seal of this run; else of the run that recorded the version.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the receipt to this file.",
)
@_force
@of_portal
@as_json
@click.pass_obj
def receipt(
    desk: Desk,
    /,
    index: str,
    version: int | None,
    as_of: str | None,
    run_id: int | None,
    out: Path | None,
    force: bool,
    portal: str | None,
    as_json: bool,
) -> None:
    """What a third party needs to check that a version was recorded.

    They check it against the seal that the run said when it ended, without the archive and without
    yange: docs/receipt.md says how.
    """
    if version is not None and as_of is not None:
        raise click.UsageError("--version and --as-of each name a version; give one of them")
    as_of_ms = None if as_of is None else end_of(as_of, desk.timezone)
    with open_catalogue(desk, portal, for_one=True) as catalogue:
        made = catalogue.receipt(index, version=version, as_of_ms=as_of_ms, run_id=run_id)
    if out is not None:
        # Here, since only this needs it and every command starts with this module.
        from archive.export.target import new_file

        refuse_archives(desk, out)
        with new_file(out, force=force) as file:
            file.write(people.as_json_file(made))
        click.echo(f"written to {out}", err=True)
    if as_json:
        people.print_json(made)
    elif out is None:
        people.console().print(receipt_sheet(made))


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@_force
@archive_of_portal
@as_json
@click.pass_obj
def backup(desk: Desk, /, path: Path, force: bool, portal: str | None, as_json: bool) -> None:
    """Copy the archive to PATH, while crawls go on.

    The copy is of one moment, and is checked before it gets its name. To restore it, stop yange
    and put it in the archive's place. Where each portal has an archive of its own, write {portal}
    into PATH for a copy of each.
    """
    # Here, since only this command needs it.
    from archive.backup import Backup
    from archive.backup import backup as copy_to

    target = target_of(desk, portal, path, "a copy is of one")

    def copied(shelf: Shelf) -> Backup:
        with progress_bar() as bar:
            task = bar.add_task("copying", total=None)
            return copy_to(
                shelf.path,
                target(shelf),
                force=force,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )

    done = for_each(desk, portal, copied)
    if as_json:
        people.print_json(done.as_json(lambda made: {**made._asdict(), "path": str(made.path)}))
        return
    for shelf, made in done.each:
        whose = done.of(shelf)
        click.echo(
            f"{whose}{made.path}: {made.bytes} bytes, {made.ledger_length} changes\n"
            f"{whose}ledger head {made.ledger_head}"
        )
        if made.seal is not None:
            click.echo(f"{whose}last seal   {made.seal}")


COMMANDS: list[click.Command] = [verify, receipt, backup]
