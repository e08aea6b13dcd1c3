"""A canonical text as people read it: paragraphs, and tables where lines have cells."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple


class Block(NamedTuple):
    """A paragraph, or the rows of a table; the other one is empty."""

    paragraph: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> int:
        """How many cells the longest row has."""
        return max(map(len, self.rows), default=0)


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text, in order; lines with a tab that follow one another are one table."""
    for is_table, lines in groupby(text.split("\n") if text else (), lambda line: "\t" in line):
        if is_table:
            yield Block("", tuple(tuple(line.split("\t")) for line in lines))
        else:
            yield from (Block(line, ()) for line in lines)
