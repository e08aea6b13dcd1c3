"""What a legal text consists of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a unit is."""

    HEADING = "heading"
    """编, 章, 节, or words without a number that stand above articles or items."""
    ARTICLE = "article"
    ITEM = "item"
    """一、, （一）, 1. and the like of a policy document, with items below it or without."""
    ANNEX = "annex"
    """附件 with all that stands in it, up to the first number there."""
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of a text: from its first line up to that of the next one.

    `number` is as shown (第五条, （一）), None where there is none. `text` is all its lines without
    the number, `lead` and `gap` are the white space around it. `parent` is the place of the unit
    that this one stands under, None at the top; `level` is lower for what stands above, and the
    same for what is numbered alike.
    """

    kind: Kind
    number: str | None
    text: str
    parent: int | None
    level: int
    lead: str = ""
    gap: str = ""

    @property
    def lines(self) -> str:
        """The unit as it stands in the text."""
        return f"{self.lead}{self.number or ''}{self.gap}{self.text}"


@dataclass(frozen=True, slots=True)
class Structure:
    """The units of a text in their order; a tree by their parents."""

    units: tuple[Unit, ...]

    @property
    def text(self) -> str:
        """The text that they were read from."""
        return "\n".join(unit.lines for unit in self.units)

    @property
    def is_numbered(self) -> bool:
        """Whether there are articles or items; else the units are the text's paragraphs."""
        return any(unit.number is not None for unit in self.units)

    def above(self, place: int) -> Iterator[Unit]:
        """The units that the one at `place` stands under, the nearest first."""
        parent = self.units[place].parent
        while parent is not None:
            yield self.units[parent]
            parent = self.units[parent].parent
