"""`yange due`: what a limited recheck would ask for now, and why."""

from __future__ import annotations

import click

from archive.catalogue import Catalogue
from archive.door import tell_faults
from archive.errors import ArchiveUnusableError
from archive.whole_numbers import WholeNumber
from crawler.desk import Desk, portal_named


@click.command()
@click.argument("portal", required=False)
@click.option(
    "--limit",
    type=WholeNumber(min=1),
    help="Choose so many. [default: the portal's recheck.limit]",
)
@click.option("--json", "as_json", is_flag=True, help="JSON to stdout, nothing else.")
@click.pass_obj
def due(desk: Desk, /, portal: str | None, limit: int | None, as_json: bool) -> None:
    """The documents whose rereading is worth most now, and why.

    They are those that `crawl --mode recheck` would ask for with the same limit. Of every portal
    in turn if none is named.
    """
    # Rich is slow to load, and every command's help passes through here.
    from archive import presentation as people
    from archive.due.presentation import due_tables

    rows, faults = [], {}
    for key in desk.settings.portals if portal is None else [portal]:
        settings = portal_named(desk, key).recheck
        budget = limit or settings.limit
        if budget is None:
            raise click.UsageError(
                f"a recheck of {key} asks for every document; say with --limit how many to choose,"
                f" or set portals.{key}.recheck.limit"
            )
        try:
            with Catalogue.open(desk.kept.path_of(key), desk.timezone) as catalogue:
                rows.append(catalogue.due(key, limit=budget, ceiling_days=settings.ceiling_days))
        except ArchiveUnusableError as error:
            if portal is not None or not desk.kept.is_split:
                raise
            faults[key] = error
    tell_faults(desk, faults)
    if as_json:
        people.print_json(rows)
        return
    out = people.console()
    for row in rows:
        for piece in due_tables(row):
            out.print(piece, soft_wrap=not hasattr(piece, "columns"))
