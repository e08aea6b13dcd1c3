"""The archive's part of the command line: each command a thin door onto the catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from archive import door
from archive import presentation as people
from archive.catalogue import Catalogue
from archive.comparison import Kind
from archive.door import of_portal, open_catalogue
from archive.errors import YangeError
from archive.readings import Readers
from archive.selection_options import selected, selection_options
from archive.showing.changes import change_lines
from archive.showing.documents import document_sheet, documents_table, history_tables
from archive.showing.readings import reread_lines, revision_lines, tally_lines
from archive.showing.runs import problems, runs_table
from archive.when import end_of, start_of
from archive.whole_numbers import WholeNumber

if TYPE_CHECKING:
    from archive.across.library import Library
    from archive.law.watching import Watching
    from archive.settings import WatchList

_T = TypeVar("_T")


class Desk(door.Desk, Protocol):
    """What these commands need of the program that they are part of."""

    @property
    def busy_seconds(self) -> float:
        """How long another program's transaction in the archive is waited for."""

    @property
    def watch(self) -> Mapping[str, WatchList]:
        """The lists of what somebody watches, by name."""

    @property
    def readers(self) -> Readers:
        """The readers of the portals' pages."""

    def telling(self) -> AbstractContextManager[None]:
        """Around a run: whatever it takes to tell people of it."""


watched = click.option("--watch", "watch", metavar="NAME", help="Of this list of `watch`.")
TABLE_FORMATS = (".docx", ".xlsx", ".html")
"""The endings of the files that a 修订对照表 can be written to."""

as_json = click.option("--json", "as_json", is_flag=True, help="JSON to stdout, nothing else.")
index = click.argument("index")


@click.command("list")
@selection_options
@click.option("--limit", type=WholeNumber(min=1), help="The first so many.")
@click.option("--offset", type=WholeNumber(min=0), default=0, help="Leave out so many before.")
@as_json
@click.pass_obj
def list_(
    desk: Desk, /, limit: int | None, offset: int, as_json: bool, **filters: str | None
) -> None:
    """The documents in the archive, newest published first."""
    selection = selected(desk.timezone, **filters)
    with open_catalogue(desk, selection.portal) as catalogue:
        rows = list(catalogue.documents(selection, limit=limit, offset=offset))
    if as_json:
        people.print_json(rows)
    else:
        people.console().print(documents_table(rows))
        people.console().print(f"{len(rows)} documents")


@click.command()
@index
@click.option("--version", type=WholeNumber(min=1), help="This version; else the newest.")
@click.option("--as-of", metavar="WHEN", help="The version that stood then; a date is its end.")
@click.option("--attachments", is_flag=True, help="With the texts of its attachments.")
@click.option("--html", "as_html", is_flag=True, help="The page as it was received, in UTF-8.")
@click.option("--raw", is_flag=True, help="The very bytes that were received.")
@of_portal
@as_json
@click.pass_obj
def show(
    desk: Desk,
    /,
    index: str,
    version: int | None,
    as_of: str | None,
    attachments: bool,
    as_html: bool,
    raw: bool,
    portal: str | None,
    as_json: bool,
) -> None:
    """One version of a document: its fields and its text."""
    if version is not None and as_of is not None:
        raise click.UsageError("--version and --as-of each name a version; give one of them")
    if as_html + raw + as_json > 1:
        raise click.UsageError("--html, --raw and --json are three forms of one answer; give one")
    as_of_ms = None if as_of is None else end_of(as_of, desk.timezone)
    with open_catalogue(desk, portal, for_one=True) as catalogue:
        if raw or as_html:
            page = catalogue.raw(index, version=version, as_of_ms=as_of_ms)
            reader = desk.readers.current(page.portal)
            body = page.body if raw else reader.decode(page.body, page.content_type).encode()
            sys.stdout.buffer.write(body)
            return
        shown = catalogue.show(
            index, version=version, as_of_ms=as_of_ms, with_attachments=attachments
        )
    answer(shown, document_sheet(shown), as_json)


@click.command()
@index
@of_portal
@as_json
@click.pass_obj
def history(desk: Desk, /, index: str, portal: str | None, as_json: bool) -> None:
    """A document's versions, locations and changes."""
    with open_catalogue(desk, portal, for_one=True) as catalogue:
        told = catalogue.history(index)
    answer(told, history_tables(told), as_json)


@click.command()
@index
@click.argument("before", metavar="[FROM]", type=WholeNumber(min=1), required=False)
@click.argument("after", metavar="[TO]", type=WholeNumber(min=1), required=False)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the comparison to this file as one self-contained page.",
)
@click.option(
    "--by",
    type=click.Choice(["line", "article"]),
    default="line",
    show_default=True,
    help="Compare line by line, or article by article.",
)
@click.option(
    "--table",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a 修订对照表 to this file: .docx, .xlsx or .html.",
)
@click.option("--whole", is_flag=True, help="In the table, what did not change as well.")
@of_portal
@as_json
@click.pass_obj
def diff(
    desk: Desk,
    /,
    index: str,
    before: int | None,
    after: int | None,
    page: Path | None,
    by: str,
    table: Path | None,
    whole: bool,
    portal: str | None,
    as_json: bool,
) -> None:
    """What changed between two versions of a document; by default the last two.

    Without TO, from version FROM to the newest.
    """
    if table is not None and table.suffix.lower() not in TABLE_FORMATS:
        raise click.UsageError(
            f"--table {table}: a table is written as {', '.join(TABLE_FORMATS)}; name such a file"
        )
    if whole and table is None:
        raise click.UsageError("--whole says what --table shows; give both")
    with open_catalogue(desk, portal, for_one=True) as catalogue:
        revision = catalogue.revision(index, desk.readers, before, after)
        whose = catalogue.whose(index)
    # Imported here, since no other command needs templates and tables, and every command starts
    # with this module.
    if page is not None and by == "line":
        from archive.revision_page import revision_page

        _write(page, revision_page(revision).encode())
    elif page is not None:
        from archive.law.tables.files import table_file

        _write(page, table_file(".html", revision, whole=True))
    if table is not None:
        from archive.law.tables.files import table_file

        _write(table, table_file(table.suffix.lower(), revision, whole=whole))
    if (page is not None or table is not None) and not as_json:
        return
    if by == "line":
        answer({**whose, **revision.as_json()}, revision_lines(revision), as_json)
        return
    from archive.showing.articles import article_lines

    told = {**whose, **revision.as_json(by_article=True)} if as_json else None
    answer(told, article_lines(revision), as_json)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise YangeError(f"{path} cannot be written: {error.strerror}") from error
    click.echo(f"written to {path}", err=True)


@click.command()
@click.option("--since", metavar="WHEN", help="Recorded then or later; a date is its start.")
@click.option("--until", metavar="WHEN", help="Recorded then or earlier; a date is its end.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Of this kind.",
)
@click.option("--field", help="Of this field, such as issuing_agency, or of this attachment.")
@click.option("--index", metavar="INDEX", help="Of this document.")
@of_portal
@click.option("--run", "run_id", type=WholeNumber(min=1), help="Recorded by this run.")
@watched
@click.option("--limit", type=WholeNumber(min=1), help="The newest so many.")
@as_json
@click.pass_obj
def changes(
    desk: Desk,
    /,
    since: str | None,
    until: str | None,
    kinds: tuple[str, ...],
    field: str | None,
    index: str | None,
    portal: str | None,
    run_id: int | None,
    watch: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """The ledger: everything that changed, oldest first."""
    with open_catalogue(desk, portal) as catalogue:
        seen = watch_named(desk, catalogue, watch)
        rows = list(
            catalogue.changes(
                since_ms=None if since is None else start_of(since, desk.timezone),
                until_ms=None if until is None else end_of(until, desk.timezone),
                kinds=kinds,
                field=field,
                portal=portal,
                run_id=run_id,
                document_id=None if index is None else catalogue.find(index),
                limit=limit if seen is None else None,
            )
        )
        if seen is not None:
            rows = [row for row in rows if seen.has_change(row)]
            rows = rows[-limit:] if limit else rows
    answer(rows, change_lines(rows), as_json)


@click.command()
@of_portal
@click.option("--limit", type=WholeNumber(min=1), help="The newest so many.")
@as_json
@click.pass_obj
def runs(desk: Desk, /, portal: str | None, limit: int | None, as_json: bool) -> None:
    """The runs with their figures, newest first."""
    with open_catalogue(desk, portal) as catalogue:
        rows = catalogue.runs(portal=portal, limit=limit)
    answer(rows, [runs_table(rows), *problems(rows)], as_json)


@click.command()
@click.argument("portal", required=False)
@click.option("--limit", type=WholeNumber(min=1), help="Show so many documents; count them all.")
@as_json
@click.pass_obj
@click.pass_context
def reread(
    ctx: click.Context, desk: Desk, /, portal: str | None, limit: int | None, as_json: bool
) -> None:
    """What would be read differently now of the pages in the archive.

    Reads the stored pages of every document's newest version, and of what each location showed
    last, as the present version and configuration do, and compares with what was read when they
    were recorded. Nothing is written, and no change comes of it: the portal did nothing.
    """
    if portal is not None and portal not in desk.portals:
        raise click.BadParameter(
            f"no portal {portal!r} is configured; there is {', '.join(desk.portals)}",
            param_hint="PORTAL",
        )
    only = portal if desk.kept.is_split else None
    with open_catalogue(desk, only) as catalogue, progress_bar() as bar:
        task = bar.add_task("documents", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        asked = [portal] if portal is not None else list(desk.portals)
        for stranger in sorted({*catalogue.portals()} - {*desk.portals}) if portal is None else ():
            click.echo(f"{stranger} is not configured, so it is left out", err=True)
        rereading = catalogue.reread(desk.readers, asked, progress)
        found = (one for place, one in enumerate(rereading) if limit is None or place < limit)
        shown = _beside(bar, found)
        if as_json:
            rows = (one.as_json() for one in shown)
            people.print_json_rows("differences", rows, rereading.tally.as_json)
        else:
            out = people.console()
            for one in shown:
                for line in reread_lines(one):
                    out.print(line, soft_wrap=True)
            tally = rereading.tally
            unshown = max(0, tally.different + tally.damaged - limit) if limit else 0
            for line in tally_lines(tally, unshown):
                out.print(line, soft_wrap=True)
    if rereading.tally.damaged:
        ctx.exit(1)


COMMANDS: list[click.Command] = [list_, show, history, diff, changes, runs, reread]


def watch_named(desk: Desk, catalogue: Catalogue | Library, name: str | None) -> Watching | None:
    """The list of that name, held against the archives; None for no name. Refuses others."""
    if name is None:
        return None
    if name not in desk.watch:
        known = ", ".join(desk.watch) or "none; name one under `watch` in the configuration"
        raise click.BadParameter(f"there is no list {name!r}; there is {known}", param_hint="watch")
    return catalogue.watch(desk.watch[name])


def _beside(bar: Progress, rows: Iterable[_T]) -> Iterator[_T]:
    """Each row with the bar out of its way: both may go to one terminal."""
    for row in rows:
        bar.stop()
        yield row
        bar.start()
    bar.stop()


def progress_bar() -> Progress:
    """A bar on stderr for whoever waits at a terminal."""
    return Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def answer(value: object, pieces: Iterable[object], as_json: bool) -> None:
    """Print a value as JSON, or the pieces that it looks like to people."""
    if as_json:
        people.print_json(value)
        return
    out = people.console()
    for piece in pieces:
        out.print(piece, soft_wrap=not hasattr(piece, "columns"))
