"""The crawler's part of the command line: `crawl`, and all commands that stand beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.metadata import version

import click

from archive.catalogue import Catalogue
from archive.errors import CrawledAlreadyError
from archive.locations import location_key
from archive.runs import RunOutcome
from archive.whole_numbers import WholeNumber
from crawler.columns_command import columns
from crawler.desk import Desk, portal_named, warn_outside_window
from crawler.due_command import due
from crawler.order import Mode, Order
from crawler.orders.commands import execute, ingest
from crawler.permit import ALWAYS
from crawler.report import INCOMPLETE, REFUSED, catch_up_index, echo_report
from crawler.settings import PortalSettings
from crawler.window import Window


@click.command()
@click.argument("portal", required=False)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.DISCOVER.value,
    show_default=True,
    help="discover: what is new; recheck: known documents, conditionally; sweep: everything.",
)
@click.option("--column", "column", metavar="URL", help="Only this one of the portal's columns.")
@click.option("--only", metavar="INDEX", help="Only this document: a number, or an address.")
@click.option(
    "--limit",
    type=WholeNumber(min=1),
    help="Ask for so many documents at most; recheck: for those most worth it.",
)
@click.option("--job", hidden=True, help="The job that this crawl was due for.")
@click.option("--slot", hidden=True, help="The instant at which it was due.")
@click.option("--tethered", is_flag=True, hidden=True, help="Leave when stdin closes.")
@click.option("--any-time", is_flag=True, hidden=True, help="Whether or not the window is open.")
@click.pass_obj
@click.pass_context
def crawl(
    ctx: click.Context,
    desk: Desk,
    /,
    portal: str | None,
    mode: Mode,
    column: str | None,
    only: str | None,
    limit: int | None,
    job: str | None,
    slot: str | None,
    tethered: bool,
    any_time: bool,
) -> None:
    """Crawl a portal once, now; all of them in turn if none is named."""
    portals = desk.settings.portals
    if portal is None and len(portals) > 1:
        if column is not None or only is not None:
            raise click.UsageError("--column and --only go with one portal; name it")
        ctx.exit(_crawl_each(desk, mode, limit))
    if column is not None and mode == Mode.RECHECK:
        raise click.UsageError("recheck walks no lists; --column goes with discover and sweep")
    key = portal if portal is not None else next(iter(portals))
    settings = portal_named(desk, key)
    asked_why: Callable[[], str] = str
    if tethered:
        from crawler.tether import leave_with_parent

        asked_why = leave_with_parent()
    # By hand, the figures at the end and what went wrong are what a person wants to see.
    desk.configure_logging(console_level=None if tethered else "warning")
    order = Order(
        portal=key,
        settings=settings,
        mode=Mode(mode),
        columns=_columns(desk, key, settings, column),
        in_columns=column is not None,
        only=_only(desk, key, settings, only),
        limit=_limit(settings, mode, limit, only),
        ends_at=_closing_time(desk, settings, bound=tethered, any_time=any_time),
        job=job,
        slot=slot,
        contact=desk.settings.contact,
        version=version("yange"),
    )
    # Scrapy is slow to load, and every command's help passes through here.
    from crawler.crawl import crawl as carry_out

    # The daemon's own are bound to nothing: where there is a fleet, it starts none.
    with desk.telling(), nullcontext(ALWAYS) if tethered else desk.permitted(key) as permit:
        try:
            report = carry_out(
                order,
                desk.kept.path_of(key),
                desk.readers,
                busy_seconds=desk.busy_seconds,
                asked_why=asked_why,
                permit=permit,
            )
        except CrawledAlreadyError:
            if not tethered:
                raise
            # Nobody has failed: the daemon, which reads no sentences, has to know it from a fault.
            ctx.exit(REFUSED)
    echo_report(report, key, mode)
    if tethered:
        catch_up_index(desk, key)
    if report.outcome is RunOutcome.FAILED:
        ctx.exit(1)
    if report.outcome is not RunOutcome.FINISHED:
        ctx.exit(INCOMPLETE)


COMMANDS: list[click.Command] = [crawl, columns, due, execute, ingest]


def _crawl_each(desk: Desk, mode: str, limit: int | None) -> int:
    """Crawl every portal, each in a process of its own; the worst of their exit statuses."""
    limits = [] if limit is None else ["--limit", str(limit)]
    statuses = [
        subprocess.run(  # noqa: S603 our own command, and no shell
            [*desk.command_line, "crawl", portal, "--mode", mode, *limits], check=False
        ).returncode
        for portal in desk.settings.portals
    ]
    for worst in (1, 2, INCOMPLETE):
        if worst in statuses:
            return worst
    return max(map(abs, statuses))


def _limit(settings: PortalSettings, mode: str, limit: int | None, only: str | None) -> int | None:
    if limit is None and mode == Mode.RECHECK and only is None:
        return settings.recheck.limit
    return limit


def _columns(desk: Desk, portal: str, settings: PortalSettings, column: str | None) -> list[str]:
    urls = [one.url for one in settings.columns]
    if column is None:
        return urls
    path = desk.kept.path_of(portal)
    if settings.under and path.exists():
        with Catalogue.open(path, desk.timezone) as catalogue:
            urls += [one.url for one in catalogue.known_columns(portal) if one.under is not None]
    chosen = [url for url in urls if location_key(url) == location_key(column)]
    if not chosen:
        raise click.BadParameter(
            f"{column} is not a column of this portal; its columns are\n  " + "\n  ".join(urls),
            param_hint="--column",
        )
    return chosen[:1]


def _only(desk: Desk, portal: str, settings: PortalSettings, index: str | None) -> list[str] | None:
    """The locations of the one document to ask for; an address need not be known yet."""
    if index is None:
        return None
    path = desk.kept.path_of(portal)
    if index.startswith(("http://", "https://")) and not path.exists():
        urls = [index]
    else:
        with Catalogue.open(path, desk.timezone) as catalogue:
            urls = catalogue.addresses(index)
    for url in urls:
        refusal = settings.fence.refusal(url)
        if refusal is not None:
            raise click.BadParameter(f"{url} cannot be asked: {refusal}", param_hint="--only")
    return urls


def _closing_time(
    desk: Desk, settings: PortalSettings, *, bound: bool, any_time: bool
) -> datetime | None:
    """When the portal's window closes, for the daemon's crawls; a person is warned instead."""
    if not bound:
        warn_outside_window(desk, settings)
    elif not any_time and settings.politeness.window is not None:
        return Window.parse(settings.politeness.window, desk.timezone).closes_at(datetime.now(UTC))
    return None
