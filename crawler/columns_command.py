"""`yange columns`: the columns that a portal's navigation leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import click

from archive.terminal import visible
from archive.whole_numbers import WholeNumber
from crawler.desk import Desk, portal_named, warn_outside_window
from crawler.fence import HostEntry
from crawler.settings import DEPTH, PortalSettings

_INCOMPLETE = 3


@click.command()
@click.argument("portal")
@click.argument("url", required=False)
@click.option(
    "--depth",
    type=WholeNumber(min=0),
    default=DEPTH,
    show_default=True,
    help="Follow so many links from the entry, one after another.",
)
@click.option(
    "--limit",
    type=WholeNumber(min=1),
    help="Ask for so many pages at most. [default: limits.navigation_pages]",
)
@click.option(
    "--yaml", "as_yaml", is_flag=True, help="Those not watched yet, as lines for the configuration."
)
@click.option("--json", "as_json", is_flag=True, help="JSON to stdout, nothing else.")
@click.pass_obj
@click.pass_context
def columns(
    ctx: click.Context,
    desk: Desk,
    /,
    portal: str,
    url: str | None,
    depth: int,
    limit: int | None,
    as_yaml: bool,
    as_json: bool,
) -> None:
    """Find a portal's columns: walk its navigation and print the lists of documents.

    From URL, else from the front pages of the portal's hosts. Documents are not asked for, and
    nothing is recorded. The portal may have no columns in the configuration yet.
    """
    if as_yaml and as_json:
        raise click.UsageError("--yaml and --json exclude each other")
    desk.accept_draft()
    settings = portal_named(desk, portal)
    starts = [url] if url is not None else list(front_pages(settings))
    if not starts:
        raise click.UsageError("hosts names no single host to begin with; give a URL")
    for start in starts:
        if refusal := settings.fence.refusal(start):
            raise click.BadParameter(f"{start} cannot be asked: {refusal}", param_hint="URL")
    desk.configure_logging(console_level="warning")
    warn_outside_window(desk, settings)
    # Scrapy is slow to load, and every command's help passes through here.
    from crawler.navigation.output import column_row, print_table, yaml_lines
    from crawler.navigation.survey import Entry
    from crawler.navigation.walk import WalkOrder, walk

    report = walk(
        WalkOrder(
            portal=portal,
            settings=settings,
            entries=[Entry(start, depth) for start in starts],
            limit=limit or settings.limits.navigation_pages,
            reader=desk.readers.current(portal),
            contact=desk.settings.contact,
            version=version("yange"),
        )
    )
    found = [column_row(column, settings) for column in report.columns]
    if as_json:
        from archive.presentation import print_json

        print_json(found)
    elif as_yaml:
        click.echo(yaml_lines(found, has_columns=bool(settings.columns)), nl=False)
    else:
        print_table(found)
        _tell(found, asked=report.asked)
    for sentence in report.shortfalls:
        click.echo(f"  {visible(sentence)}", err=True)
    if report.shortfalls:
        ctx.exit(_INCOMPLETE)


def _tell(found: Sequence[dict[str, Any]], *, asked: int) -> None:
    unwatched = sum(row["watched"] is None for row in found)
    count = f"{len(found)} column{'s' if len(found) != 1 else ''}"
    click.echo(f"{count}, {unwatched} of them not watched yet; {asked} pages asked for")


def front_pages(settings: PortalSettings) -> Iterator[str]:
    """The front pages of the hosts that the configuration names outright, each once."""
    roots: dict[str, str] = {}
    for url in settings.addresses:
        parts = urlsplit(url)
        roots.setdefault(
            parts.netloc.lower(), urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
        )
    for host in settings.hosts:
        entry = HostEntry.parse(host)
        if not entry.wildcard:
            name = f"[{entry.host}]" if ":" in entry.host else entry.host
            authority = name if entry.port is None else f"{name}:{entry.port}"
            roots.setdefault(authority, f"http://{authority}/")
    yield from roots.values()
