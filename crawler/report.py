"""What a command says of a run that has ended, and what it does before it leaves."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import asdict

import click

from archive.errors import YangeError
from archive.runs import RunReport
from archive.terminal import visible
from crawler.desk import Desk

INCOMPLETE = 3
"""The exit status of a run that was not finished."""

REFUSED = 75  # EX_TEMPFAIL of sysexits.h
"""That of a crawl of the daemon's that began no run, since its portal was being crawled."""

# After a crawl of the daemon's, attachments are read for so long; the rest waits for the next one.
_READING_SECONDS = 300.0


def echo_report(report: RunReport, portal: str, mode: str) -> None:
    """Print how a run ended."""
    figures = "  ".join(f"{name} {value}" for name, value in asdict(report.figures).items())
    click.echo(f"run {report.id} of {portal} ({mode}): {report.outcome}  {figures}")
    echo_problems(report.problems)
    click.echo(f"ledger head {report.ledger_head} ({report.ledger_length} changes)")
    click.echo(f"seal        {report.seal}")


def echo_problems(problems: Iterable[str]) -> None:
    """Print what went wrong, to stderr."""
    for problem in problems:
        click.echo(f"  {visible(problem)}", err=True)


def catch_up_index(desk: Desk, portal: str) -> None:
    """Make findable what was recorded, while nobody waits; by hand, the next search does."""
    import structlog

    from archive.archive import Archive

    # The run is closed: there is nothing left to do properly before leaving.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with Archive.open(desk.kept.path_of(portal), desk.readers) as archive:
            archive.catch_up_index()
            archive.catch_up_attachments(seconds=_READING_SECONDS)
    except YangeError as error:
        structlog.get_logger(__name__).warning("index_not_caught_up", reason=str(error))
