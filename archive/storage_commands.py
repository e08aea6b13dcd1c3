"""The command that packs the archive tighter: `compact`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.filesize import decimal

from archive import presentation as people
from archive.archive import Archive
from archive.commands import Desk, as_json, progress_bar
from archive.door import archive_of_portal, for_each
from archive.errors import NoArchiveError
from archive.storage.compaction import Compacted

if TYPE_CHECKING:
    from archive.shelves import Shelf


@click.command()
@archive_of_portal
@as_json
@click.pass_obj
@click.pass_context
def compact(ctx: click.Context, desk: Desk, /, portal: str | None, as_json: bool) -> None:
    """Pack the archive tighter, without loss.

    Pages are compressed anew with dictionaries made of the portal's own pages. Nothing that was
    recorded changes. Crawls can go on meanwhile, and it can be stopped at any time; what was done
    by then is done.
    """

    def packed(shelf: Shelf) -> Compacted:
        if not shelf.path.exists():
            raise NoArchiveError(shelf.path)
        with Archive.open(shelf.path, desk.readers) as archive, progress_bar() as bar:
            task = bar.add_task("looking", total=None)

            def progress(what: str, done: int, total: int) -> None:
                bar.update(task, description=what, completed=done, total=total)

            return archive.compact(progress)

    done = for_each(desk, portal, packed)
    if as_json:
        people.print_json(
            done.as_json(lambda made: {**made._asdict(), "damaged": list(made.damaged)})
        )
    else:
        for shelf, made in done.each:
            _tell(done.of(shelf), made)
    if any(made.damaged for _, made in done.each):
        ctx.exit(1)


COMMANDS: list[click.Command] = [compact]


def _tell(whose: str, made: Compacted) -> None:
    for sentence in made.damaged:
        click.echo(f"{whose}{sentence}")
    click.echo(
        f"{whose}{made.bodies:,} bodies packed anew, {made.dictionaries} dictionaries made: pages"
        f" and attachments took {decimal(made.bytes_before)}, now {decimal(made.bytes_after)}"
    )
    click.echo(f"the file was {decimal(made.file_before)}, now {decimal(made.file_after)}")
    if made.free:
        click.echo(
            f"{decimal(made.free)} in it are free, for what will be recorded; to have them"
            " back, end the daemon and run VACUUM on the file with any SQLite tool"
        )
