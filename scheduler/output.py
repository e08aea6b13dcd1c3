"""How `check` and `status` look to people: tables that keep Chinese text aligned."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import click
import orjson
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

# What a file or a pipe is written for, which has no width of its own.
_PLAIN_WIDTH = 160

_OUTCOME_STYLES = {
    "finished": "green",
    "running": "cyan",
    "incomplete": "yellow",
    "interrupted": "yellow",
    "missed": "yellow",
    "failed": "red",
}


def print_json(data: object) -> None:
    """Print `data` as indented JSON, and nothing else."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def print_plan(plan: dict[str, Any]) -> None:
    """Print what `scheduler.plan` found."""
    console = _console()
    console.print(Text(f"{plan['configuration']} is sound. Times are {plan['timezone']}."))
    for portal in plan["portals"]:
        columns = f"{portal['columns']} column{'s' if portal['columns'] != 1 else ''}"
        window = f", crawled {portal['window']}" if portal["window"] else ""
        console.print(Text(f"\n{portal['portal']}  {portal['name']}: {columns}{window}"))
        if not portal["jobs"]:
            console.print(Text("nothing is scheduled; crawl it by hand"), style="yellow")
            continue
        table = _table("mode", "schedule", "next times")
        for job in portal["jobs"]:
            times = ", ".join(_local(at) for at in job["next"])
            table.add_row(job["mode"], Text(job["schedule"]), times or "never inside the window")
        console.print(table)


def print_state(state: dict[str, Any], *, has_archive: bool) -> None:
    """Print what `scheduler.state` found."""
    console = _console()
    console.print(_daemon(state["daemon"]))
    table = _table("portal", "mode", "next", "last", "outcome")
    for job in state["jobs"]:
        last = job["last"] or {}
        outcome = last.get("outcome", "")
        table.add_row(
            job["portal"],
            job["mode"],
            _local(job["next"]) if job["next"] else "–",
            _local(last["started_at"]) if last else "–",
            Text(outcome, style=_OUTCOME_STYLES.get(outcome, "")),
        )
    console.print(table)
    if not has_archive:
        console.print(Text(f"There is no archive yet at {state['archive']}."))
        return
    console.print(
        Text(
            f"{state['documents']} documents, {state['versions']} versions, "
            f"{state['changes']} changes ({state['changes_last_day']} in the last day, "
            f"{state['changes_last_week']} in the last week)\n"
            f"{decimal(state['disk_bytes'])} in {state['archive']}"
        )
    )


def _daemon(daemon: dict[str, Any]) -> Text:
    if not daemon["alive"]:
        return Text("No daemon is running.", style="yellow")
    if daemon["pid"] is None:
        return Text("The daemon is starting.", style="green")
    since = _local(daemon["since"])
    return Text(f"The daemon is running since {since} (process {daemon['pid']}).", style="green")


def _console() -> Console:
    return Console(
        width=None if sys.stdout.isatty() else _PLAIN_WIDTH, highlight=False, markup=False
    )


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _local(at: str) -> str:
    """An ISO time as people read it, in its own zone."""
    return datetime.fromisoformat(at).strftime("%a %Y-%m-%d %H:%M:%S")
