"""How `check` and `status` look to people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.filesize import decimal
from rich.text import Text

from archive import presentation as people

# Of what is wrong, so that everything fits on a screen.
_SHOWN = 8


def print_plan(plan: dict[str, Any]) -> None:
    """Print what `scheduler.plan` found."""
    console = people.console()
    console.print(Text(f"{plan['configuration']} is sound. Times are {plan['timezone']}."))
    if plan["monitor"]:
        console.print(_monitor(plan["monitor"]))
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


def _monitor(monitor: dict[str, Any]) -> Text:
    said = f"/health and /metrics are answered at {monitor['listen']}"
    if monitor["loopback"]:
        return Text(f"{said}.")
    return Text(
        f"{said}, without a password: other machines can read what is there.", style="yellow"
    )


def print_state(state: dict[str, Any]) -> None:
    """Print what `scheduler.state` found, on one screen."""
    console = people.console()
    console.print(_daemon(state["daemon"]))
    table = people.table("portal", "mode", "next", "last", "outcome", "")
    for job in state["jobs"]:
        last = job["last"] or {}
        outcome = last.get("outcome", "")
        table.add_row(
            job["portal"],
            job["mode"],
            "paused" if job["paused"] else _local(job["next"]) if job["next"] else "–",
            _local(last["started_at"]) if last else "–",
            Text(outcome, style=people.OUTCOME_STYLE.get(outcome, "")),
            _remark(job),
        )
    console.print(table)
    for one in state["put_off"]:
        said = (
            f"{one['portal']} is left alone until {_local(one['until'])}: the last runs were"
            f" stopped, mostly blocked ({one['stopped_runs']} in a row)."
        )
        console.print(Text(said, style="yellow"))
    if state["fleet"] is not None:
        for line in _fleet(state["fleet"]):
            console.print(line)
    for line in _notifications(state["notifications"]):
        console.print(line)
    archives = state.get("archives", [state])
    if not any(one["ledger_head"] or one.get("problem") for one in archives):
        console.print(Text(f"There is no archive yet at {state['archive']}."))
        return
    for line in (*_trouble(state["trouble_last_week"]), *_columns(state["columns_wrong"])):
        console.print(line)
    console.print(_totals(state))
    if archives == [state]:
        console.print(_ledger(state))
        console.print(_last_verify(state["last_verify"]))
        return
    for one in archives:
        for line in _archive(one):
            console.print(line)


def _archive(one: dict[str, Any]) -> Iterator[Text]:
    """One of several archives."""
    yield Text(f"\n{one['portal']}", style="bold")
    if one["problem"]:
        yield Text(one["problem"], style="bold red")
    elif one["ledger_head"] is None:
        yield Text("There is no archive yet.")
    else:
        yield Text(
            f"{one['documents']} documents, {one['versions']} versions, {one['changes']} changes,"
            f" {decimal(one['disk_bytes'])}"
        )
        yield _ledger(one)
        yield _last_verify(one["last_verify"])


def _remark(job: dict[str, Any]) -> Text:
    if job["paused"]:
        return Text(f"paused since {_local(job['paused'])}", style="yellow")
    if job["overdue_since"]:
        return Text(f"overdue since {_local(job['overdue_since'])}", style="bold red")
    last = job["last"] or {}
    if last.get("outcome") in ("finished", "running", None):
        return Text("")
    succeeded = job["last_success"]
    if succeeded is None:
        return Text("never succeeded", style="yellow")
    # An incomplete run has done its work, too.
    return Text("" if succeeded == last["finished_at"] else f"last success {_local(succeeded)}")


def _fleet(fleet: dict[str, Any]) -> Iterator[Text]:
    orders, spools = fleet["open_orders"], fleet["spools"]
    said = f"{orders} order{'s are' if orders != 1 else ' is'} open with the fleet"
    if orders:
        said += f", the oldest since {_local(fleet['oldest_since'])}"
    said += f"; {fleet['waiting_orders']} not begun yet"
    if fleet["retried_orders"]:
        said += f", {fleet['retried_orders']} begun more than once (the workers' logs say why)"
    said += f", {spools} spool{'s' if spools != 1 else ''} to be ingested"
    yield Text(f"{said} ({decimal(fleet['spool_bytes'])}).")
    if fleet["paused"]:
        yield Text(f"Publishing is paused: {fleet['paused']}.", style="bold red")


def _notifications(telling: dict[str, int]) -> Iterator[Text]:
    if telling["failing"]:
        said = f"{telling['failing']} messages could not be sent so far; see `yange notify`."
        yield Text(said, style="yellow")
    if telling["given_up"]:
        said = f"{telling['given_up']} messages were given up; see `yange notify`."
        yield Text(said, style="bold red")


def _trouble(rows: list[dict[str, Any]]) -> Iterator[Text]:
    if rows:
        yield Text("\nIn the last week:", style="bold")
    for row in _first(rows):
        runs = "1 run" if row["runs"] == 1 else f"{row['runs']} runs"
        line = Text(f"  {row['portal']} {row['mode']}: {runs} ")
        line.append(row["outcome"], style=people.OUTCOME_STYLE.get(row["outcome"], "red"))
        line.append(f", the last one run {row['last_run']}, {_local(row['at'])}")
        yield line
        for problem in row["problems"][-1:]:
            yield Text(f"    {problem}", style="dim")
    yield from _rest(rows)


def _columns(rows: list[dict[str, Any]]) -> Iterator[Text]:
    if rows:
        yield Text("\nColumns that look wrong:", style="bold")
    for row in _first(rows):
        where = f"  {row['portal']} {row['name'] or ''}".rstrip()
        yield Text(f"{where}: {row['problem']} (run {row['run']}, {_local(row['at'])})", "yellow")
    yield from _rest(rows)


def _first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rows[:_SHOWN]


def _rest(rows: list[dict[str, Any]]) -> Iterator[Text]:
    if len(rows) > _SHOWN:
        yield Text(f"  … and {len(rows) - _SHOWN} more (--json)", style="dim")


def _totals(state: dict[str, Any]) -> Text:
    withdrawn = f" ({state['withdrawn']} withdrawn)" if state["withdrawn"] else ""
    waiting = f", {state['waiting']} addresses still to be fetched" if state["waiting"] else ""
    return Text(
        f"\n{state['documents']} documents{withdrawn}, {state['versions']} versions{waiting}\n"
        f"{state['changes']} changes: {state['changes_last_day']} in the last day, "
        f"{state['changes_last_week']} in the last week\n"
        f"{decimal(state['disk_bytes'])} in {state['archive']}, "
        f"{decimal(state['free_bytes'])} free on its disk"
    )


def _ledger(state: dict[str, Any]) -> Text:
    seal = state["last_seal"]
    sealed = f"{seal['hash']} (run {seal['run']}, {_local(seal['at'])})" if seal else "none yet"
    return Text(f"ledger head {state['ledger_head']}\nlast seal   {sealed}")


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
