"""Both halves of a crawl that needs no archive, as commands: `execute` and `ingest`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from archive.runs import RunOutcome
from crawler.desk import Desk
from crawler.report import INCOMPLETE, catch_up_index, echo_problems, echo_report


@click.command(hidden=True)
@click.argument("order", metavar="ORDER", type=click.Path(path_type=Path))
@click.option(
    "--spool",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write what is found.",
)
@click.option("--tethered", is_flag=True, hidden=True, help="Leave when stdin closes.")
@click.pass_obj
@click.pass_context
def execute(ctx: click.Context, desk: Desk, /, order: Path, spool: Path, tethered: bool) -> None:
    """Carry out ORDER without an archive, and write what is found to a spool."""
    asked_why: Callable[[], str] = str
    if tethered:
        from crawler.tether import leave_with_parent

        asked_why = leave_with_parent()
    desk.configure_logging(console_level=None if tethered else "warning", anywhere=True)
    # Scrapy is slow to load, and every command's help passes through here.
    from crawler.orders.executing import execute as carry_out

    done = carry_out(order, spool, asked_why=asked_why)
    click.echo(f"order {done.order_id} of {done.portal}: {done.outcome}  pages {done.pages}")
    echo_problems(done.problems)
    if done.outcome is RunOutcome.FAILED:
        ctx.exit(1)
    if done.outcome is not RunOutcome.FINISHED:
        ctx.exit(INCOMPLETE)


@click.command(hidden=True)
@click.argument(
    "spools", metavar="SPOOL…", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--tethered", is_flag=True, hidden=True, help="Leave when stdin closes.")
@click.pass_obj
@click.pass_context
def ingest(ctx: click.Context, desk: Desk, /, spools: tuple[Path, ...], tethered: bool) -> None:
    """Record what crawls found that were carried out from orders."""
    from archive.archive import Archive
    from archive.spools.form import SpoolRefusedError
    from archive.spools.reading import read_head

    if tethered:
        from crawler.tether import leave_with_parent

        leave_with_parent()
    desk.configure_logging(console_level=None if tethered else "warning")
    outcomes, portals = set(), set()
    for spool in spools:
        head = read_head(spool)
        if head.portal not in desk.settings.portals:
            raise SpoolRefusedError(
                spool, f"is of a portal {head.portal!r}, which is not configured"
            )
        with (
            desk.telling(),
            Archive.open(
                desk.kept.path_of(head.portal), desk.readers, busy_seconds=desk.busy_seconds
            ) as archive,
        ):
            report = archive.ingest(spool)
        echo_report(report, head.portal, head.mode)
        outcomes.add(report.outcome)
        portals.add(head.portal)
    if tethered:
        for portal in portals:
            catch_up_index(desk, portal)
    if RunOutcome.FAILED in outcomes:
        ctx.exit(1)
    if outcomes != {RunOutcome.FINISHED}:
        ctx.exit(INCOMPLETE)
