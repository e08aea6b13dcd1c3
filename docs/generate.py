"""Writes into the READMEs what the program itself knows: its commands and its configuration's keys.

`python docs/generate.py` puts each text between its markers, in English and, with the sentences of
docs/zh.yaml, in Chinese; with `--check` it writes nothing and fails where a README says anything
else, or a sentence has no Chinese.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path

import click

from docs.chinese import CATALOGUE, Chinese, Say
from scheduler.cli import root
from scheduler.keys import key_table

ROOT = Path(__file__).parent.parent
README, CHINESE_README = ROOT / "README.md", ROOT / "README.zh-CN.md"


def command_reference(say: Say = str) -> str:
    """The commands that people give with their arguments and options, as Markdown."""
    context = click.Context(root, info_name="yange", **root.context_settings)
    sections = [_options(root, context, say)]
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        sections.append(_section(command, click.Context(command, context, name), say))
    return "\n\n".join(sections)


SECTIONS: dict[str, Callable[[Say], str]] = {"commands": command_reference, "keys": key_table}
"""What stands between the markers of each name."""


def generated(page: Path, say: Say = str) -> str:
    """A README with every section as it should be."""
    readme = page.read_text(encoding="utf-8")
    for name, text in SECTIONS.items():
        begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
        if (readme.count(begin), readme.count(end)) != (1, 1):
            sys.exit(f"{page.name} should hold {begin} and {end} once each")
        before, _, rest = readme.partition(begin)
        after = rest.partition(end)[2]
        readme = f"{before}{begin}\n\n{text(say)}\n\n{end}{after}"
    return readme


def main() -> None:
    """Write, or check."""
    chinese = Chinese(CATALOGUE)
    fresh = {README: generated(README), CHINESE_README: generated(CHINESE_README, chinese)}
    if faults := chinese.faults():
        sys.exit("\n".join([f"docs/{CATALOGUE.name} does not fit:", *faults]))
    for page, text in fresh.items():
        if sys.argv[1:] != ["--check"]:
            page.write_text(text, encoding="utf-8")
        elif text != page.read_text(encoding="utf-8"):
            sys.exit(f"{page.name} is out of date; run `python docs/generate.py`")


def _section(command: click.Command, context: click.Context, say: Say) -> str:
    # The options have a table of their own.
    pieces = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    title = " ".join([context.command_path, *pieces])
    paragraphs = [say(one) for one in cleandoc(command.help or "").split("\n\n")]
    parts = [f"### `{title}`", *paragraphs, _options(command, context, say)]
    return "\n\n".join(part for part in parts if part)


def _options(command: click.Command, context: click.Context, say: Say) -> str:
    rows = [
        f"| `{_cell(record[0])}` | {_cell(say(record[1]))} |"
        for option in command.get_params(context)
        # Every command has --help; the root's table says so once.
        if isinstance(option, click.Option) and ("--help" not in option.opts or command is root)
        if (record := option.get_help_record(context)) is not None
    ]
    head = [f"| {say('option')} | {say('meaning')} |", "|---|---|"]
    return "\n".join([*head, *rows]) if rows else ""


def _cell(text: str) -> str:
    """Text inside a table: a bar would end its cell."""
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    main()
