"""When two texts are the same: white space is folded, nothing else is."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
_SPACE_IN_CELL = re.compile(r"[^\S\t]+")
_EMPTY_CELLS_AT_END = re.compile(r"\t+$")


def without_space(text: str | None) -> str | None:
    """A field's value as it is compared."""
    return None if text is None else _SPACE.sub("", text)


def line_key(line: str) -> str:
    """One paragraph or table row as it is compared.

    The tab between the cells of a row is ours, not the page's white space: a figure that moved
    into the next cell has changed. Empty cells at a row's end say nothing.
    """
    return _EMPTY_CELLS_AT_END.sub("", _SPACE_IN_CELL.sub("", line))


def text_key(text: str) -> str:
    """A whole canonical text as it is compared: where lines break is white space too."""
    return "".join(line_key(line) for line in text.split("\n"))
