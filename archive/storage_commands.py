"""The command that packs the archive tighter: `compact`."""

from __future__ import annotations

import click
from rich.filesize import decimal

from archive import presentation as people
from archive.archive import Archive
from archive.commands import Desk, as_json, progress_bar
from archive.errors import NoArchiveError


@click.command()
@as_json
@click.pass_obj
@click.pass_context
def compact(ctx: click.Context, desk: Desk, /, as_json: bool) -> None:
    """Pack the archive tighter, without loss.

    Pages are compressed anew with dictionaries made of the portal's own pages. Nothing that was
    recorded changes. Crawls can go on meanwhile, and it can be stopped at any time; what was done
    by then is done.
    """
    if not desk.archive_path.exists():
        raise NoArchiveError(desk.archive_path)
    with Archive.open(desk.archive_path, desk.readers) as archive, progress_bar() as bar:
        task = bar.add_task("looking", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        made = archive.compact(progress)
    if as_json:
        people.print_json({**made._asdict(), "damaged": list(made.damaged)})
    else:
        for sentence in made.damaged:
            click.echo(sentence)
        click.echo(
            f"{made.bodies:,} bodies packed anew, {made.dictionaries} dictionaries made: pages and"
            f" attachments took {decimal(made.bytes_before)}, now {decimal(made.bytes_after)}"
        )
        click.echo(f"the file was {decimal(made.file_before)}, now {decimal(made.file_after)}")
        if made.free:
            click.echo(
                f"{decimal(made.free)} in it are free, for what will be recorded; to have them"
                " back, end the daemon and run VACUUM on the file with any SQLite tool"
            )
    if made.damaged:
        ctx.exit(1)


COMMANDS: list[click.Command] = [compact]
