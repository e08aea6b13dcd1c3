"""The archive's part of the command line: each command a thin door onto the catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import Progress

from archive import presentation as people
from archive.catalogue import Catalogue
from archive.comparison import Kind
from archive.errors import YangeError
from archive.fields import Validity
from archive.readings import Readers
from archive.selection import Selection
from archive.when import NotAnInstantError, end_of, start_of


class Desk(Protocol):
    """What these commands need of the program that they are part of."""

    @property
    def archive_path(self) -> Path:
        """The archive's file."""

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which instants are read and shown."""

    @property
    def portals(self) -> tuple[str, ...]:
        """The keys of the configured portals."""

    @property
    def readers(self) -> Readers:
        """The readers of the portals' pages."""


as_json = click.option("--json", "as_json", is_flag=True, help="JSON to stdout, nothing else.")
index = click.argument("index")


@click.command("list")
@click.option("--portal", help="Documents of this portal.")
@click.option("--validity", help=f"{', '.join(Validity)}; or the portal's own word.")
@click.option("--agency", help="Documents of agencies with this in their name.")
@click.option("--category", help="Documents with this in their category.")
@click.option("--published-from", metavar="DATE", help="Published on this day or later.")
@click.option("--published-to", metavar="DATE", help="Published on this day or earlier.")
@click.option("--written-from", metavar="DATE", help="Written on this day or later.")
@click.option("--written-to", metavar="DATE", help="Written on this day or earlier.")
@click.option("--changed-since", metavar="WHEN", help="With a version recorded since then.")
@click.option("--status", type=click.Choice(["current", "withdrawn"]), help="With this status.")
@as_json
@click.pass_obj
def list_(desk: Desk, /, changed_since: str | None, as_json: bool, **filters: str | None) -> None:
    """The documents in the archive, newest published first."""
    for name in ("published_from", "published_to", "written_from", "written_to"):
        value = filters[name]
        # A whole date, since dates are compared as text.
        if value is not None and (len(value) != 10 or not start_of(value, desk.timezone)):
            raise NotAnInstantError(value)
    since = None if changed_since is None else start_of(changed_since, desk.timezone)
    with _catalogue(desk) as catalogue:
        _check_portal(desk, catalogue, filters["portal"])
        rows = list(catalogue.documents(Selection(changed_since_ms=since, **filters)))
    if as_json:
        people.print_json(rows)
    else:
        people.console().print(people.documents_table(rows))
        people.console().print(f"{len(rows)} documents")


@click.command()
@index
@click.option("--version", type=click.IntRange(min=1), help="This version; else the newest.")
@click.option("--as-of", metavar="WHEN", help="The version that stood then; a date is its end.")
@click.option("--html", "as_html", is_flag=True, help="The page as it was received, in UTF-8.")
@click.option("--raw", is_flag=True, help="The very bytes that were received.")
@as_json
@click.pass_obj
def show(
    desk: Desk,
    /,
    index: str,
    version: int | None,
    as_of: str | None,
    as_html: bool,
    raw: bool,
    as_json: bool,
) -> None:
    """One version of a document: its fields and its text."""
    if version is not None and as_of is not None:
        raise click.UsageError("--version and --as-of each name a version; give one of them")
    if as_html + raw + as_json > 1:
        raise click.UsageError("--html, --raw and --json are three forms of one answer; give one")
    as_of_ms = None if as_of is None else end_of(as_of, desk.timezone)
    with _catalogue(desk) as catalogue:
        if raw or as_html:
            page = catalogue.raw(index, version=version, as_of_ms=as_of_ms)
            reader = desk.readers.current(page.portal)
            body = page.body if raw else reader.decode(page.body, page.content_type).encode()
            sys.stdout.buffer.write(body)
            return
        shown = catalogue.show(index, version=version, as_of_ms=as_of_ms)
    _answer(shown, people.document_sheet(shown), as_json)


@click.command()
@index
@as_json
@click.pass_obj
def history(desk: Desk, /, index: str, as_json: bool) -> None:
    """A document's versions, locations and changes."""
    with _catalogue(desk) as catalogue:
        told = catalogue.history(index)
    _answer(told, people.history_tables(told), as_json)


@click.command()
@index
@click.argument("before", metavar="[FROM]", type=click.IntRange(min=1), required=False)
@click.argument("after", metavar="[TO]", type=click.IntRange(min=1), required=False)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the comparison to this file as one self-contained page.",
)
@as_json
@click.pass_obj
def diff(
    desk: Desk,
    /,
    index: str,
    before: int | None,
    after: int | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """What changed between two versions of a document; by default the last two.

    Without TO, from version FROM to the newest.
    """
    with _catalogue(desk) as catalogue:
        revision = catalogue.revision(index, desk.readers, before, after)
    if page is not None:
        # Here, since no other command needs templates and every command starts with this module.
        from archive.revision_page import revision_page

        try:
            page.write_text(revision_page(revision), encoding="utf-8")
        except OSError as error:
            raise YangeError(f"{page} cannot be written: {error.strerror}") from error
        click.echo(f"written to {page}", err=True)
        if not as_json:
            return
    _answer(revision.as_json(), people.revision_lines(revision), as_json)


@click.command()
@click.option("--since", metavar="WHEN", help="Recorded then or later; a date is its start.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Of this kind.",
)
@click.option("--portal", help="Of this portal.")
@click.option("--run", "run_id", type=int, help="Recorded by this run.")
@as_json
@click.pass_obj
def changes(
    desk: Desk,
    /,
    since: str | None,
    kinds: tuple[str, ...],
    portal: str | None,
    run_id: int | None,
    as_json: bool,
) -> None:
    """The ledger: everything that changed, oldest first."""
    since_ms = None if since is None else start_of(since, desk.timezone)
    with _catalogue(desk) as catalogue:
        rows = list(catalogue.changes(since_ms=since_ms, kinds=kinds, portal=portal, run_id=run_id))
    _answer(rows, people.change_lines(rows), as_json)


@click.command()
@click.option("--portal", help="Of this portal.")
@click.option("--limit", type=click.IntRange(min=1), help="The newest so many.")
@as_json
@click.pass_obj
def runs(desk: Desk, /, portal: str | None, limit: int | None, as_json: bool) -> None:
    """The runs with their figures, newest first."""
    with _catalogue(desk) as catalogue:
        _check_portal(desk, catalogue, portal)
        rows = catalogue.runs(portal=portal, limit=limit)
    _answer(rows, [people.runs_table(rows), *people.problems(rows)], as_json)


@click.command()
@as_json
@click.pass_obj
@click.pass_context
def verify(ctx: click.Context, desk: Desk, /, as_json: bool) -> None:
    """Check that everything is there and as it was recorded."""
    with _catalogue(desk) as catalogue, _progress() as bar:
        task = bar.add_task("database", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        found = catalogue.verify(desk.readers, progress)
    if as_json:
        people.print_json(
            {
                "ok": found.ok,
                "documents": found.documents,
                "versions": found.versions,
                "bodies": found.bodies,
                "ledger_length": found.ledger_length,
                "ledger_head": found.ledger_head,
                "problems": list(found.problems),
            }
        )
    else:
        for problem in found.problems:
            click.echo(problem)
        held = "everything holds" if found.ok else f"{len(found.problems)} things do not hold"
        click.echo(
            f"{held}: {found.documents} documents, {found.versions} versions,"
            f" {found.bodies} bodies, {found.ledger_length} changes\n"
            f"ledger head {found.ledger_head}"
        )
        if found.not_reread:
            click.echo(
                f"{found.not_reread} readings were made by readers that this yange no longer has;"
                " their bytes were checked, what was read of them could not be"
            )
    if not found.ok:
        ctx.exit(1)


COMMANDS: list[click.Command] = [list_, show, history, diff, changes, runs, verify]


def _catalogue(desk: Desk) -> Catalogue:
    return Catalogue.open(desk.archive_path, desk.timezone)


def _check_portal(desk: Desk, catalogue: Catalogue, portal: str | None) -> None:
    known = sorted({*desk.portals, *catalogue.portals()})
    if portal is not None and portal not in known:
        raise click.BadParameter(
            f"there is no portal {portal!r}; there is {', '.join(known)}", param_hint="--portal"
        )


def _progress() -> Progress:
    return Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _answer(value: object, pieces: Iterable[object], as_json: bool) -> None:
    if as_json:
        people.print_json(value)
        return
    out = people.console()
    for piece in pieces:
        out.print(piece, soft_wrap=not hasattr(piece, "columns"))
