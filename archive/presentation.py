"""How what the archive answers gets to a person at a terminal, or out as JSON.

What each answer looks like stands in `archive.showing`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from archive.terminal import visible, visible_json

Row = dict[str, Any]

OUTCOME_STYLE = {
    "finished": "green",
    "running": "cyan",
    "incomplete": "yellow",
    "interrupted": "yellow",
    "missed": "yellow",
    "failed": "red",
}
# What a table is laid out for where there is no terminal to ask.
_WIDTH_IN_A_PIPE = 160


class _Console(Console):
    """Shows control characters in whatever it prints, instead of sending them to the terminal."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(visible(text), style)


def console() -> Console:
    """Stdout for people: colours on a terminal only, and no markup read out of portal text."""
    width = None if sys.stdout.isatty() else _WIDTH_IN_A_PIPE
    return _Console(width=width, markup=False, highlight=False, emoji=False)


def print_json(value: object) -> None:
    """Print `value` as indented JSON, and nothing else."""
    data = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    sys.stdout.buffer.write(visible_json(data) + b"\n")
    sys.stdout.buffer.flush()


def as_json_file(value: object) -> bytes:
    """`value` as the indented JSON of a file."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def print_json_rows(name: str, rows: Iterable[Row], rest: Callable[[], Row]) -> None:
    """Print an object while its rows are found: these under `name`, then what is known after."""
    out = sys.stdout.buffer
    before = head = b"{" + orjson.dumps(name) + b": ["
    for row in rows:
        out.write(before + b"\n" + visible_json(orjson.dumps(row)))
        before = b","
    out.write((head if before is head else b"\n") + b"]")
    for key, value in rest().items():
        out.write(b",\n" + orjson.dumps(key) + b": " + visible_json(orjson.dumps(value)))
    out.write(b"}\n")
    out.flush()


def table(*headings: str) -> Table:
    """An empty table in the style of all of them; what is too wide is folded, never cut."""
    empty = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        empty.add_column(heading, overflow="fold")
    return empty


def cells(line: str) -> str:
    """A table row as people read it on one line."""
    return line.replace("\t", " │ ")
