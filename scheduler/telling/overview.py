"""How telling stands, as `notify --json` prints it, and how that looks to people."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from rich.text import Text

from archive import presentation as people
from scheduler.settings import Settings
from scheduler.telling.outbox import Target, read_targets

Row = dict[str, Any]


def overview(settings: Settings) -> list[Row]:
    """The rules in the order of the configuration, each with its targets. Raises YangeError.

    Of an address nothing but its scheme is told: the rest may be secret.
    """
    known = {(one.rule, one.position): one for one in read_targets(settings.archive.seat)}
    return [
        {
            "name": rule.name,
            "when": rule.when,
            "language": rule.language,
            "targets": [
                _target(address, known.get((rule.name, position)), settings.zone)
                for position, address in enumerate(rule.to)
            ],
        }
        for rule in settings.notify
    ]


def _target(address: str, target: Target | None, zone: tzinfo) -> Row:
    def iso(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat(timespec="seconds") if at else None

    waiting = target and target.waiting
    return {
        "to": scheme_of(address),
        "begun": target is not None,
        "next_digest": iso(target.digest) if target else None,
        "waiting": waiting
        and {
            "subject": waiting.message.subject,
            "made": iso(waiting.made),
            "attempts": waiting.attempts,
            "next": iso(waiting.next),
        },
        "sent": target.sent if target else 0,
        "given_up": target.given_up if target else 0,
        "last_success": iso(target.last_success) if target else None,
        "last_failure": iso(target.last_failure) if target else None,
        "last_error": target.last_error if target else None,
    }


def scheme_of(address: str) -> str:
    """What can be shown of an address."""
    scheme, separator, _ = address.partition("://")
    return f"{scheme}://…" if separator else "…"


def print_overview(rules: list[Row]) -> None:
    """Print what `overview` found."""
    console = people.console()
    if not rules:
        console.print(Text("No rule is configured under notify; nobody is told of anything."))
        return
    table = people.table("rule", "when", "to", "sent", "last success", "waiting")
    for rule in rules:
        for target in rule["targets"]:
            table.add_row(
                rule["name"],
                rule["when"],
                target["to"],
                str(target["sent"]),
                _local(target["last_success"]),
                _waiting(target),
            )
    console.print(table)
    for rule in rules:
        for target in rule["targets"]:
            for line in _troubles(rule["name"], target):
                console.print(line)


def _waiting(target: Row) -> Text:
    waiting = target["waiting"]
    if waiting is not None:
        tried = f", tried {waiting['attempts']} times" if waiting["attempts"] else ""
        return Text(f"1 message since {_local(waiting['made'])}{tried}", style="yellow")
    if not target["begun"]:
        return Text("begins with the next run", style="dim")
    if target["next_digest"] is not None:
        return Text(f"next digest {_local(target['next_digest'])}", style="dim")
    return Text("–", style="dim")


def _troubles(rule: str, target: Row) -> list[Text]:
    lines = []
    if target["given_up"]:
        said = f"{rule}: {target['given_up']} messages to {target['to']} were given up"
        lines.append(Text(said, style="bold red"))
    failed, succeeded = target["last_failure"], target["last_success"]
    if failed and (
        succeeded is None or datetime.fromisoformat(failed) > datetime.fromisoformat(succeeded)
    ):
        said = f"{rule}: {target['to']} failed {_local(failed)}: {target['last_error']}"
        lines.append(Text(said, style="red"))
    return lines


def _local(at: str | None) -> str:
    return datetime.fromisoformat(at).strftime("%a %Y-%m-%d %H:%M:%S") if at else "–"
