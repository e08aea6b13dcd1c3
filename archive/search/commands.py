"""The commands about finding: `search`, and `reindex` for its index."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import click

from archive.catalogue import Catalogue
from archive.commands import Desk, answer, as_json, progress_bar
from archive.door import archive_of_portal, for_each, open_catalogue
from archive.errors import NoArchiveError, YangeError
from archive.search.presentation import result_lines
from archive.selection_options import selected, selection_options
from archive.whole_numbers import WholeNumber

if TYPE_CHECKING:
    from archive.across.library import Library
    from archive.shelves import Shelf

_LIMIT = 20
# Whoever searches waits so long for attachments that nobody has read yet.
_READING_SECONDS = 120.0


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True)
@selection_options
@click.option("--all-versions", is_flag=True, help="Also by what only former versions said.")
@click.option(
    "--limit",
    type=WholeNumber(min=1),
    default=_LIMIT,
    show_default=True,
    help="The best so many.",
)
@as_json
@click.pass_obj
def search(
    desk: Desk,
    /,
    words: tuple[str, ...],
    all_versions: bool,
    limit: int,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Documents by their words: in title, numbers, agency, summary, text and attachments.

    All the words must be there. "Words in quotation marks" must follow one another, and a -word
    must not be there. Chinese needs no spaces; words and numbers in Latin script are found whole.
    Documents with the words in their title come first, then those with them in their numbers; the
    newest published come first in each.
    """
    selection = selected(desk.timezone, **filters)
    with open_catalogue(desk, selection.portal) as catalogue:
        found = catalogue.search(" ".join(words), selection, in_all_versions=all_versions)
        _catch_up(desk, selection.portal, catalogue)
        results = list(islice(found, limit + 1))
    shown = results[:limit]
    if as_json:
        answer([one.as_json() for one in shown], (), as_json)
    else:
        answer(None, result_lines(shown), as_json)
    if len(results) > limit:
        click.echo(f"there are more than these {limit}; see --limit", err=True)


@click.command()
@archive_of_portal
@click.pass_obj
def reindex(desk: Desk, /, portal: str | None) -> None:
    """Make the index of words anew from what is recorded.

    There is no need to, unless a search fails to find what `show` shows. Nothing else is touched.
    """
    from archive.archive import Archive

    def anew(shelf: Shelf) -> int:
        if not shelf.path.exists():
            raise NoArchiveError(shelf.path)
        with Archive.open(shelf.path, desk.readers, busy_seconds=desk.busy_seconds) as archive:
            archive.throw_away_index()
        with Catalogue.open(shelf.path, desk.timezone) as catalogue:
            versions = catalogue.unindexed()
        _index(desk, shelf)
        return versions

    done = for_each(desk, portal, anew)
    for shelf, versions in done.each:
        click.echo(f"{done.of(shelf)}{versions} versions indexed")


COMMANDS: list[click.Command] = [search, reindex]


def _catch_up(desk: Desk, portal: str | None, catalogue: Catalogue | Library) -> None:
    """Index what was recorded since the last search, or leave it where that cannot be written.

    What is not indexed is looked through one by one, so a search is right either way.
    """
    if catalogue.unindexed() or catalogue.unread():
        for shelf in desk.kept.shelves(desk.portals if portal is None else [portal]):
            with suppress(YangeError):
                if shelf.path.exists():
                    _index(desk, shelf, reading_seconds=_READING_SECONDS)
    if unread := catalogue.unread():
        click.echo(f"{unread} attachments have not been read yet and may hold more", err=True)


def _index(desk: Desk, shelf: Shelf, *, reading_seconds: float | None = None) -> None:
    # Here, since most searches find nothing to do.
    from archive.archive import Archive

    with (
        Archive.open(shelf.path, desk.readers, busy_seconds=desk.busy_seconds) as archive,
        progress_bar() as bar,
    ):
        task = bar.add_task("indexing", total=None)
        archive.catch_up_index(lambda done, total: bar.update(task, completed=done, total=total))
        bar.update(task, description="reading attachments", completed=0, total=None)
        archive.catch_up_attachments(
            lambda done, total: bar.update(task, completed=done, total=total),
            seconds=reading_seconds,
        )
