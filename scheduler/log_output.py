"""How the log looks to people: an event a line, with what is worth a line of its own below it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any

import orjson
from rich.filesize import decimal
from rich.text import Text

from archive import presentation as people
from archive.terminal import visible_json
from scheduler.log_reader import Event

_LEVEL_STYLE = {
    "debug": "dim",
    "warning": "yellow",
    "error": "red",
    "critical": "bold red",
}
# Said at the beginning of the line, or below it.
_APART = frozenset({"timestamp", "level", "event", "logger", "portal", "run_id", "exception"})
# The same for every event of a run, which says them when it starts.
_OF_THE_RUN = frozenset({"mode", "job"})
_FIGURES = (
    *("pages", "created", "changed", "unchanged", "withdrawn", "gone", "blocked", "failed"),
    "requests",
)
_ALWAYS = frozenset({"pages", "created", "changed"})
_INDENT = " " * 8


def print_events(events: Iterable[Event], zone: tzinfo) -> int:
    """Print events as they come, times in `zone`; how many there were."""
    console = people.console()
    count = 0
    for event in events:
        count += 1
        for line in event_lines(event, zone):
            console.print(line, soft_wrap=True)
        console.file.flush()
    return count


def print_as_array(events: Iterable[Event]) -> None:
    """Print events as one JSON array, an event a line."""
    out = sys.stdout.buffer
    before = b"[\n"
    for event in events:
        out.write(before + _json_line(event))
        before = b",\n"
    out.write(b"\n]\n" if before == b",\n" else b"[]\n")
    out.flush()


def print_as_lines(events: Iterable[Event]) -> None:
    """Print events as JSON lines, each at once."""
    out = sys.stdout.buffer
    for event in events:
        out.write(_json_line(event) + b"\n")
        out.flush()


def event_lines(event: Event, zone: tzinfo) -> Iterator[Text]:
    """An event for people: its time, level, portal and run, its name, and the facts."""
    said = event.data
    at = "" if event.at_ms is None else f"{datetime.fromtimestamp(event.at_ms // 1000, zone):%F %T}"
    line = Text(f"{at:<19}  ", style="dim")
    if said is None:
        line.append(event.text, style="not dim italic")
        yield line
        return
    level = str(said.get("level", ""))
    line.append(f"{level:<8} ", style=f"not dim {_LEVEL_STYLE.get(level, '')}".strip())
    run = said.get("run_id")
    where = " ".join([str(said.get("portal") or ""), f"#{run}" if run is not None else ""]).strip()
    line.append(f"{where:<12}  ", style="not dim cyan")
    name, *more = str(said.get("event", "")).splitlines() or [""]
    line.append(name, style="not dim bold")
    if more:
        line.append(f" (and {len(more)} lines)")
    if name == "run_finished" and isinstance(said.get("outcome"), str):
        yield from _run_finished(line, said)
    else:
        _append_facts(line, said)
        yield line
    for traced in str(said.get("exception") or "").splitlines():
        yield Text(_INDENT + traced, style="red")


def _run_finished(line: Text, said: dict[str, Any]) -> Iterator[Text]:
    """The one event that tells of a whole run: its outcome, its figures, and what was wrong."""
    outcome = said["outcome"]
    line.append("  ")
    line.append(outcome, style=f"not dim {people.OUTCOME_STYLE.get(outcome, '')}".strip())
    if said.get("stopped"):
        line.append(f" ({said['stopped']})", style="not dim")
    for name in _FIGURES:
        if said.get(name) or (name in _ALWAYS and name in said):
            line.append(f"  {name} ")
            line.append(str(said[name]), style="not dim")
    if isinstance(received := said.get("bytes"), int):
        line.append("  received ")
        line.append(decimal(received), style="not dim")
    if said.get("ledger_head"):
        line.append(f"  ledger {said.get('ledger_length')} {str(said['ledger_head'])[:12]}…")
    yield line
    problems = said.get("problems")
    for problem in problems if isinstance(problems, list) else ():
        yield Text(f"{_INDENT}{_flat(problem)}", style="yellow")


def _append_facts(line: Text, said: dict[str, Any]) -> None:
    left_out = _APART
    if said.get("run_id") is not None and said.get("event") != "run_started":
        left_out |= _OF_THE_RUN
    # Addresses are long, and what is said of them is not.
    for name, value in sorted(said.items(), key=lambda fact: fact[0] == "url"):
        if name not in left_out and value is not None:
            line.append(f"  {name}=")
            line.append(_flat(value), style="not dim")


def _flat(value: object) -> str:
    """A value on one line."""
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return " ⏎ ".join(text.splitlines())


def _json_line(event: Event) -> bytes:
    return visible_json(orjson.dumps(event.as_json()))
