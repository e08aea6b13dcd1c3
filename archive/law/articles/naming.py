"""What people call a unit: 第五条, 二、（一）, 附件1, or a paragraph by its first words."""

from __future__ import annotations

from collections import Counter

from archive.law.articles.units import Kind, Structure, Unit
from archive.whitespace import without_space

_WORDS = 16
_NUMBERED = frozenset((Kind.ARTICLE, Kind.ITEM))


class Names:
    """The names of a text's units by their places, each of which can be found by it."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._counts = Counter(without_space(unit.number) for unit in structure.units)

    def name(self, place: int) -> str:
        """The unit at `place`: by its number, with that of what it stands under where it recurs."""
        unit = self._structure.units[place]
        number = without_space(unit.number)
        if number is None or unit.kind not in _NUMBERED:
            return title(unit)
        recurs = self._counts[number] > 1
        for above in self._structure.above(place):
            if not recurs:
                break
            upper = without_space(above.number)
            if upper is not None:
                number = upper + number if unit.kind is above.kind else f"{upper} {number}"
                recurs = self._counts[upper] > 1
        return number

    def heading(self, place: int) -> str | None:
        """The heading, item or annex that the unit at `place` stands under; None at the top."""
        above = next(self._structure.above(place), None)
        return None if above is None else title(above)


def title(unit: Unit) -> str:
    """A unit by its first line: number and words, cut where they are many."""
    number = without_space(unit.number) or ""
    words = unit.text.split("\n")[0].replace("\t", " ").strip()
    if len(words) > _WORDS:
        words = words[: _WORDS - 1] + "…"
    if not number:
        return words or "–"
    return f"{number}{'' if unit.kind is Kind.ITEM else ' '}{words}".strip()
