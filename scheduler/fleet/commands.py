"""The fleet's part of the command line: `worker`, and what a worker starts."""

from __future__ import annotations

import os
from pathlib import Path

import click

from archive.errors import ConfigurationError, YangeError
from archive.whole_numbers import WholeNumber
from scheduler.desk import Desk


@click.command()
@click.option(
    "--crawls",
    type=WholeNumber(min=1),
    help="Crawls under way at once, in place of fleet.crawls.",
)
@click.pass_obj
def worker(desk: Desk, crawls: int | None) -> None:
    """Carry out crawls for a daemon elsewhere, until told to stop, in the foreground."""
    refuse_without_extra()
    from scheduler.fleet.worker import work
    from scheduler.fleet.worker_configuration import load_for_worker
    from scheduler.logs import configure_as

    configuration = load_for_worker(desk.configuration_path, desk.text)
    configure_as(configuration)
    settings = configuration.settings.fleet
    click.get_current_context().exit(
        work(configuration, crawls or settings.crawls or os.cpu_count() or 1)
    )


@click.command("carry-out", hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--attempt", required=True)
@click.option("--worker", "name", required=True)
@click.pass_obj
def carry_out(desk: Desk, folder: Path, attempt: str, name: str) -> None:
    """Carry out the order that a worker put in FOLDER."""
    from crawler.tether import leave_with_parent
    from scheduler.fleet.attempts import GRACE_SECONDS
    from scheduler.fleet.worker_configuration import load_for_worker
    from scheduler.logs import configure_as

    asked_why = leave_with_parent(GRACE_SECONDS)
    configuration = load_for_worker(desk.configuration_path, desk.text)
    configure_as(configuration)
    # Scrapy is slow to load, and every command's help passes through here.
    from scheduler.fleet import carrying_out

    try:
        carrying_out.carry_out(
            configuration.settings.fleet,
            carrying_out.Attempt(attempt, name, folder),
            asked_why,
        )
    except YangeError as error:
        (folder / carrying_out.FAILURE).write_text(str(error), encoding="utf-8")
        raise


def refuse_without_extra() -> None:
    """Raise ConfigurationError where what the fleet needs is not installed."""
    from importlib.util import find_spec

    missing = [name for name in ("celery", "redis", "obstore") if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"crawling on other machines needs {', '.join(missing)}, which a plain installation"
            " does without: pip install 'yange[fleet]'"
        )


COMMANDS: list[click.Command] = [worker, carry_out]
