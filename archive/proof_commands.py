"""The commands that prove and keep: `verify`, `receipt`, `backup` (R17, R18)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from archive import presentation as people
from archive.checks import note_check
from archive.commands import Desk, as_json, index, open_catalogue, progress_bar
from archive.showing.documents import receipt_sheet
from archive.terminal import visible
from archive.when import end_of, start_of

_force = click.option("--force", is_flag=True, help="Replace a file that is there.")


@click.command()
@click.option(
    "--since",
    metavar="WHEN",
    help="Hash and read again only what runs recorded that ended then or later.",
)
@as_json
@click.pass_obj
@click.pass_context
def verify(ctx: click.Context, desk: Desk, /, since: str | None, as_json: bool) -> None:
    """Check that everything is there and as it was recorded.

    With --since, for a nightly pass, the chains are still walked from their beginnings. What was
    found is noted beside the archive, for `yange status`.
    """
    since_ms = None if since is None else start_of(since, desk.timezone)
    with open_catalogue(desk) as catalogue, progress_bar() as bar:
        task = bar.add_task("database", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        found = catalogue.verify(desk.readers, progress, since_ms=since_ms)
    now = datetime.now(desk.timezone).isoformat(timespec="seconds")
    try:
        note_check(desk.archive_path, found, at=now, since=since)
    except OSError as error:
        click.echo(f"yange: that it was checked could not be noted: {error.strerror}", err=True)
    if as_json:
        people.print_json(
            {
                "ok": found.ok,
                "since": since,
                "documents": found.documents,
                "versions": found.versions,
                "bodies": found.bodies,
                "ledger_length": found.ledger_length,
                "ledger_head": found.ledger_head,
                "seal": found.seal,
                "problems": list(found.problems),
            }
        )
    else:
        for problem in found.problems:
            click.echo(visible(problem))
        held = "everything holds" if found.ok else f"{len(found.problems)} things do not hold"
        click.echo(
            f"{held}: {found.documents} documents, {found.versions} versions,"
            f" {found.bodies} bodies, {found.ledger_length} changes\n"
            f"ledger head {found.ledger_head}"
        )
        if found.seal is not None:
            click.echo(f"last seal   {found.seal}")
        if found.not_reread:
            click.echo(
                f"{found.not_reread} readings were made by readers that this yange no longer has;"
                " their bytes were checked, what was read of them could not be"
            )
    if not found.ok:
        click.echo(
            "yange: restore the archive from a backup that `yange verify` finds whole, or keep it"
            " and restore beside it",
            err=True,
        )
        ctx.exit(1)


@click.command()
@index
@click.option("--version", type=click.IntRange(min=1), help="This version; else the newest.")
@click.option("--as-of", metavar="WHEN", help="The version that stood then; a date is its end.")
@click.option(
    "--run",
    "run_id",
    type=int,
    metavar="ID",
    help="Against the seal of this run; else of the run that recorded the version.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the receipt to this file.",
)
@_force
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
    as_json: bool,
) -> None:
    """What a third party needs to check that a version was recorded.

    They check it against the seal that the run said when it ended, without the archive and without
    yange: docs/receipt.md says how.
    """
    if version is not None and as_of is not None:
        raise click.UsageError("--version and --as-of each name a version; give one of them")
    as_of_ms = None if as_of is None else end_of(as_of, desk.timezone)
    with open_catalogue(desk) as catalogue:
        made = catalogue.receipt(index, version=version, as_of_ms=as_of_ms, run_id=run_id)
    if out is not None:
        # Here, since only this needs it and every command starts with this module.
        from archive.export.target import new_file, refuse_archive

        refuse_archive(out, desk.archive_path)
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
@as_json
@click.pass_obj
def backup(desk: Desk, /, path: Path, force: bool, as_json: bool) -> None:
    """Copy the archive to PATH, while crawls go on.

    The copy is of one moment, and is checked before it gets its name. To restore it, stop yange
    and put it in the archive's place.
    """
    # Here, since only this command needs it.
    from archive.backup import backup as copy_to

    with progress_bar() as bar:
        task = bar.add_task("copying", total=None)
        made = copy_to(
            desk.archive_path,
            path,
            force=force,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        people.print_json({**made._asdict(), "path": str(made.path)})
        return
    click.echo(
        f"{made.path}: {made.bytes} bytes, {made.ledger_length} changes\n"
        f"ledger head {made.ledger_head}"
    )
    if made.seal is not None:
        click.echo(f"last seal   {made.seal}")


COMMANDS: list[click.Command] = [verify, receipt, backup]
