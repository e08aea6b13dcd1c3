"""The commands about force: `claims`, `conflicts`, `in-force`, `calendar`, `watch`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.catalogue import Catalogue
from archive.commands import (
    Desk,
    answer,
    as_json,
    progress_bar,
    watch_named,
    watched,
)
from archive.door import of_portal, open_catalogue
from archive.errors import YangeError
from archive.showing.documents import documents_table
from archive.when import day_of
from archive.whole_numbers import WholeNumber

if TYPE_CHECKING:
    from archive.across.conclusions import LibraryConclusions
    from archive.across.library import Library
    from archive.conclusions import Conclusions


@click.command()
@click.argument("index", required=False)
@click.option("--version", type=WholeNumber(min=1), help="Of this version; else the newest.")
@of_portal
@as_json
@click.pass_obj
def claims(
    desk: Desk,
    /,
    index: str | None,
    version: int | None,
    portal: str | None,
    as_json: bool,
) -> None:
    """What documents claim about force, their own and that of others, in their own words.

    From when and until when a text is in force, and which others it repeals or amends. Without
    INDEX, of all documents.
    """
    from archive.showing import force as law

    if version is not None and index is None:
        raise click.UsageError("--version is of one document; give its INDEX")
    is_one = index is not None
    with (
        open_catalogue(desk, portal, for_one=is_one) as catalogue,
        _conclusions(catalogue) as found,
    ):
        document = None if index is None else catalogue.find(index)
        rows = found.claims(document, version, portal=portal)
    answer(rows, law.claim_lines(rows), as_json)


@click.command()
@click.option("--all", "resolved", is_flag=True, help="Those that have been settled, too.")
@click.option("--kind", "kinds", multiple=True, help="Of this kind, such as serial_gap.")
@of_portal
@watched
@as_json
@click.pass_obj
def conflicts(
    desk: Desk,
    /,
    resolved: bool,
    kinds: tuple[str, ...],
    portal: str | None,
    watch: str | None,
    as_json: bool,
) -> None:
    """What does not fit together: what the portal shows, what texts say, numbers and copies."""
    from archive.law.conflicts.conflict import ConflictKind
    from archive.showing import force as law

    for kind in kinds:
        if kind not in list(ConflictKind):
            raise click.BadParameter(
                f"there is no kind {kind!r}; there is {', '.join(ConflictKind)}",
                param_hint="--kind",
            )
    with open_catalogue(desk, portal) as catalogue, _conclusions(catalogue) as found:
        seen = watch_named(desk, catalogue, watch)
        rows = [
            found.conflict_row(one)
            for one in found.conflicts(resolved=resolved)
            if (not kinds or one.kind in kinds)
            and (portal is None or one.portal == portal)
            and (seen is None or seen.has_any(one.document_ids))
        ]
    answer(rows, law.conflict_lines(rows), as_json)


@click.command("in-force")
@click.option("--as-of", metavar="DATE", help="The day; today without it.")
@click.option("--portal", help="Documents of this portal.")
@click.option("--agency", help="Documents of agencies with this in their name.")
@click.option("--category", help="Documents with this in their category.")
@as_json
@click.pass_obj
def in_force(
    desk: Desk,
    /,
    as_of: str | None,
    portal: str | None,
    agency: str | None,
    category: str | None,
    as_json: bool,
) -> None:
    """What was in force on a day, by the portal and by what the texts claim.

    A document is listed if either says so; where both speak and differ, it is marked. Of days
    before the archive began only the texts speak.
    """
    from archive.showing import force as law

    with open_catalogue(desk, portal) as catalogue, _conclusions(catalogue) as found:
        day = found.today if as_of is None else day_of(as_of, desk.timezone)
        rows = found.in_force(day, portal=portal, agency=agency, category=category)
    answer(rows, law.in_force_table(rows, day), as_json)


@click.command()
@click.option("--until", metavar="DATE", help="On this day or earlier.")
@of_portal
@watched
@click.option(
    "--ics",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write an iCalendar feed to this file; - is stdout.",
)
@as_json
@click.pass_obj
def calendar(
    desk: Desk,
    /,
    until: str | None,
    portal: str | None,
    watch: str | None,
    ics: Path | None,
    as_json: bool,
) -> None:
    """What will run out: terms, 废止日期 and repeals that lie ahead, the soonest first."""
    from archive.showing import force as law

    with open_catalogue(desk, portal) as catalogue, _conclusions(catalogue) as found:
        seen = watch_named(desk, catalogue, watch)
        rows = [
            row
            for row, document in found.calendar(
                until=None if until is None else day_of(until, desk.timezone)
            )
            if (portal is None or document.portal == portal)
            and (seen is None or seen.has_document(document.id))
        ]
    if ics is not None:
        _write_feed(desk, ics, rows)
        if not as_json:
            return
    answer(rows, law.calendar_table(rows), as_json)


@click.command()
@click.argument("name", required=False)
@of_portal
@as_json
@click.pass_obj
def watch(desk: Desk, /, name: str | None, portal: str | None, as_json: bool) -> None:
    """The lists that the configuration names under `watch`; with NAME, the documents of one.

    `changes`, `conflicts` and `calendar` take `--watch NAME`.
    """
    from archive.showing import force as law

    if name is None:
        lists = [{"name": key, **one.model_dump(mode="json")} for key, one in desk.watch.items()]
        answer(lists, law.watch_table(desk.watch), as_json)
        return
    with open_catalogue(desk, portal) as catalogue:
        seen = watch_named(desk, catalogue, name)
        assert seen is not None
        for unknown in seen.unknown:
            click.echo(f"{unknown} is not in the archive", err=True)
        rows = [
            row
            for document_id in seen.documents()
            if (row := catalogue.row(document_id)) and portal in (None, row["portal"])
        ]
    answer(rows, [documents_table(rows), f"{len(rows)} documents"], as_json)


COMMANDS: list[click.Command] = [claims, conflicts, in_force, calendar, watch]


@contextmanager
def _conclusions(catalogue: Catalogue | Library) -> Iterator[Conclusions | LibraryConclusions]:
    """The conclusions, with a bar for whoever waits while texts are read for the first time."""
    with progress_bar() as bar:
        task = bar.add_task("reading", total=None, visible=False)
        yield catalogue.conclusions(
            lambda done, total: bar.update(task, completed=done, total=total, visible=True)
        )


def _write_feed(desk: Desk, path: Path, rows: list[dict[str, object]]) -> None:
    from archive.law.force.expiries import as_icalendar

    feed = as_icalendar(rows, desk.timezone)
    if str(path) == "-":
        sys.stdout.buffer.write(feed)
        return
    try:
        path.write_bytes(feed)
    except OSError as error:
        raise YangeError(f"{path} cannot be written: {error.strerror}") from error
    click.echo(f"written to {path}", err=True)
