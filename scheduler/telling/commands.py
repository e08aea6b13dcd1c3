"""The command `notify`: what telling people has come to, trying it out, and doing it now."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime

import click

from archive.errors import ConfigurationError
from archive.presentation import print_json
from archive.terminal import visible
from scheduler.desk import Desk


@click.command()
@click.option(
    "--test",
    "test",
    is_flag=True,
    help="Send a test message by each rule, or by RULE, and say what came of it.",
)
@click.option(
    "--send",
    "send_now",
    is_flag=True,
    help="Send what there is to tell now, without waiting for the daemon.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON to stdout, nothing else.")
@click.option("--tethered", is_flag=True, hidden=True, help="Send what is due; leave with stdin.")
@click.argument("rule", required=False)
@click.pass_obj
@click.pass_context
def notify(
    ctx: click.Context,
    desk: Desk,
    /,
    rule: str | None,
    test: bool,
    send_now: bool,
    as_json: bool,
    tethered: bool,
) -> None:
    """The rules by which people are told, what waits to be sent, and how sending went.

    Exit status 1 says that a message could not be sent.
    """
    if test and send_now:
        raise click.UsageError("--test and --send are two things to do; give one of them")
    if rule is not None and not test:
        raise click.UsageError("RULE goes with --test")
    if test:
        results = _test(desk, rule)
    elif send_now:
        results = _send(desk, tethered=tethered)
    else:
        _show(desk, as_json)
        return
    if as_json:
        print_json(results)
    else:
        for one in results:
            _tell(one)
        if not results:
            click.echo("there is nothing to tell")
    if any(one["error"] is not None for one in results):
        ctx.exit(1)


def _show(desk: Desk, as_json: bool) -> None:
    from scheduler.telling.overview import overview, print_overview
    from scheduler.telling.soundness import refuse_unknown_services

    refuse_unknown_services(desk.configuration)
    found = overview(desk.settings)
    if as_json:
        print_json(found)
    else:
        print_overview(found)


def _test(desk: Desk, name: str | None) -> list[dict[str, str | int | None]]:
    from scheduler.telling.collecting import composer_of
    from scheduler.telling.overview import scheme_of
    from scheduler.telling.sending import deliver

    rules = [rule for rule in desk.settings.notify if name in (None, rule.name)]
    if not rules:
        known = ", ".join(rule.name for rule in desk.settings.notify)
        raise ConfigurationError(
            f"no rule {name!r} is configured under notify; there is {known or 'none'}"
            if name is not None
            else "no rule is configured under notify; there is nobody to send a test message to"
        )
    mask = desk.configuration.mask
    return [
        {
            "rule": rule.name,
            "target": position,
            "to": scheme_of(address),
            "error": deliver(address, composer_of(rule, desk.settings).test(rule.name), mask.text),
        }
        for rule in rules
        for position, address in enumerate(rule.to)
    ]


def _send(desk: Desk, *, tethered: bool) -> list[dict[str, str | int | None]]:
    from scheduler.telling.collecting import collect
    from scheduler.telling.overview import scheme_of
    from scheduler.telling.sending import send

    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    if tethered:
        from crawler.tether import leave_with_parent

        leave_with_parent()
    desk.configure_logging(console_level=None if tethered else "critical")
    if not tethered:
        # The daemon has just done so itself.
        collect(desk.settings, desk.readers, datetime.now(UTC))
    sent = send(
        desk.settings,
        desk.configuration.mask.text,
        datetime.now(UTC),
        all_that_waits=not tethered,
        is_stopping=stopping.is_set,
    )
    addresses = {rule.name: rule.to for rule in desk.settings.notify}
    return [
        {
            "rule": one.rule,
            "target": one.position,
            "to": scheme_of(addresses[one.rule][one.position]),
            "subject": one.subject,
            "error": one.error,
        }
        for one in sent
    ]


def _tell(one: dict[str, str | int | None]) -> None:
    subject = f" {one['subject']}" if "subject" in one else ""
    where = f"{one['rule']} ({one['to']})"
    if one["error"] is None:
        click.echo(visible(f"{where}: sent{subject}"))
    else:
        click.echo(visible(f"{where}: not sent{subject}: {one['error']}"), err=True)


COMMANDS: list[click.Command] = [notify]
