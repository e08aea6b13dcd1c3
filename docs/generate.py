"""Writes into README.md what the program itself knows: its commands and its configuration's keys.

`python docs/generate.py` puts each text between its markers; with `--check` it writes nothing and
fails where README.md says anything else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path

import click

from scheduler.cli import root
from scheduler.keys import key_table

README = Path(__file__).parent.parent / "README.md"


def command_reference() -> str:
    """The commands with their arguments and options, as Markdown."""
    context = click.Context(root, info_name="yange", **root.context_settings)
    sections = [_options(root, context)]
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        sections.append(_section(command, click.Context(command, context, name)))
    return "\n\n".join(sections)


SECTIONS: dict[str, Callable[[], str]] = {"commands": command_reference, "keys": key_table}
"""What stands between the markers of each name."""


def generated(readme: str) -> str:
    """README.md with every section as it should be."""
    for name, text in SECTIONS.items():
        begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
        if (readme.count(begin), readme.count(end)) != (1, 1):
            sys.exit(f"{README.name} should hold {begin} and {end} once each")
        before, _, rest = readme.partition(begin)
        after = rest.partition(end)[2]
        readme = f"{before}{begin}\n\n{text()}\n\n{end}{after}"
    return readme


def main() -> None:
    """Write, or check."""
    readme = README.read_text(encoding="utf-8")
    fresh = generated(readme)
    if sys.argv[1:] == ["--check"]:
        if fresh != readme:
            sys.exit(f"{README.name} is out of date; run `python docs/generate.py`")
        return
    README.write_text(fresh, encoding="utf-8")


def _section(command: click.Command, context: click.Context) -> str:
    # The options have a table of their own.
    pieces = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    title = " ".join([context.command_path, *pieces])
    parts = [f"### `{title}`", cleandoc(command.help or ""), _options(command, context)]
    return "\n\n".join(part for part in parts if part)


def _options(command: click.Command, context: click.Context) -> str:
    rows = [
        f"| `{_cell(record[0])}` | {_cell(record[1])} |"
        for option in command.get_params(context)
        # Every command has --help; the root's table says so once.
        if isinstance(option, click.Option) and ("--help" not in option.opts or command is root)
        if (record := option.get_help_record(context)) is not None
    ]
    return "\n".join(["| option | meaning |", "|---|---|", *rows]) if rows else ""


def _cell(text: str) -> str:
    """Text inside a table: a bar would end its cell."""
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    main()
