"""How `check` and `status` look to people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.filesize import decimal
from rich.text import Text

from archive import presentation as people


def print_plan(plan: dict[str, Any]) -> None:
    """Print what `scheduler.plan` found."""
    console = people.console()
    console.print(Text(f"{plan['configuration']} is sound. Times are {plan['timezone']}."))
    for portal in plan["portals"]:
        columns = f"{portal['columns']} column{'s' if portal['columns'] != 1 else ''}"
        if portal["under"]:
            columns += f" and those found below {portal['under']} page"
            columns += "s" if portal["under"] != 1 else ""
        window = f", crawled {portal['window']}" if portal["window"] else ""
        console.print(Text(f"\n{portal['portal']}  {portal['name']}: {columns}{window}"))
        if not portal["jobs"]:
            console.print(Text("nothing is scheduled; crawl it by hand"), style="yellow")
            continue
        table = people.table("mode", "schedule", "next times")
        for job in portal["jobs"]:
            times = ", ".join(_local(at) for at in job["next"]) or "never inside the window"
            if job["paused"]:
                times = f"paused since {_local(job['paused'])}"
            table.add_row(job["mode"], Text(job["schedule"]), times)
        console.print(table)


def print_state(state: dict[str, Any], *, has_archive: bool) -> None:
    """Print what `scheduler.state` found."""
    console = people.console()
    console.print(_daemon(state["daemon"]))
    table = people.table("portal", "mode", "next", "last", "outcome")
    for job in state["jobs"]:
        last = job["last"] or {}
        outcome = last.get("outcome", "")
        table.add_row(
            job["portal"],
            job["mode"],
            "paused" if job["paused"] else _local(job["next"]) if job["next"] else "–",
            _local(last["started_at"]) if last else "–",
            Text(outcome, style=people.OUTCOME_STYLE.get(outcome, "")),
        )
    console.print(table)
    for one in state["put_off"]:
        said = (
            f"{one['portal']} is left alone until {_local(one['until'])}: the last runs were"
            f" stopped, mostly blocked ({one['stopped_runs']} in a row)."
        )
        console.print(Text(said, style="yellow"))
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
    console.print(_last_verify(state["last_verify"]))


def _last_verify(told: dict[str, Any] | None) -> Text:
    if told is None:
        return Text("It was never verified.", style="yellow")
    how = "as a whole" if told["since"] is None else f"what was recorded since {told['since']}"
    found = "everything held" if told["ok"] else f"{told['problems']} things did not hold"
    said = f"Last verified {_local(told['at'])}, {how}: {found}."
    return Text(said, style="" if told["ok"] else "bold red")


def _daemon(daemon: dict[str, Any]) -> Text:
    if not daemon["alive"]:
        return Text("No daemon is running.", style="yellow")
    if daemon["pid"] is None:
        return Text("The daemon is starting.", style="green")
    since = _local(daemon["since"])
    return Text(f"The daemon is running since {since} (process {daemon['pid']}).", style="green")


def _local(at: str) -> str:
    """An ISO time as people read it, in its own zone."""
    return datetime.fromisoformat(at).strftime("%a %Y-%m-%d %H:%M:%S")
