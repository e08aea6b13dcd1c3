"""Which unit of one text is which unit of another: pure.

What is the same word for word is paired first: in order, with its number or without it, then
wherever it stands. What is left is paired by likeness, and where a number is all that an article or
a heading has kept, by the number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from archive.diff import common_blocks, increasing
from archive.law.articles.units import Kind, Structure, Unit
from archive.whitespace import text_key, without_space

# Below this likeness two units are one that went and one that came.
_REVISED = 0.5
# With the same number in the same place, and for what changed its place.
_REVISED_IN_PLACE = 0.3
_REVISED_ELSEWHERE = 0.6
# Shorter texts are too often the same by chance to be looked for elsewhere.
_SHORTEST_ELSEWHERE = 8
# What speaks for a pair besides its likeness.
_SAME_GAP, _SAME_NUMBER = 0.1, 0.06
# An item of a policy document is counted, not named, by its number.
_ITEM_BY_NUMBER = 0.2
# Within a gap of so many pairs all are looked at, else those that share rare pieces.
_PAIRS_IN_GAP = 2_500
_SHINGLE = 3
_COMMON = 24
_CANDIDATES = 4
_SHARED = 3
# Of longer texts only the beginnings are held against each other.
_LONGEST = 4_000


class Side(NamedTuple):
    """One of the two texts, with what its units are compared by."""

    structure: Structure
    numbers: tuple[str | None, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, structure: Structure) -> Side:
        """White space does not count in numbers and texts."""
        units = structure.units
        return cls(
            structure,
            tuple(without_space(unit.number) for unit in units),
            tuple(text_key(unit.text) for unit in units),
        )

    def unit(self, place: int) -> Unit:
        """The unit at `place`."""
        return self.structure.units[place]


class Pairing:
    """The pairs that have been found, each unit in one at most."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old, self.new = old, new
        self.new_of: dict[int, int] = {}
        self.old_of: dict[int, int] = {}

    def add(self, old: int, new: int) -> None:
        """Take two units for the same one, whatever they were taken for before."""
        self.old_of.pop(self.new_of.pop(old, -1), None)
        self.new_of.pop(self.old_of.pop(new, -1), None)
        self.new_of[old], self.old_of[new] = new, old

    def in_old_order(self) -> list[tuple[int, int]]:
        """All pairs, as they stand in the old text."""
        return sorted(self.new_of.items())

    def in_order(self) -> list[tuple[int, int]]:
        """The most pairs that stand in the same order in both texts."""
        return increasing(self.in_old_order())

    def same_heading(self, old: int, new: int) -> bool:
        """Whether no heading of two units is another one; that there is one more does not count."""
        before = _headings(self.old.structure, old)
        after = _headings(self.new.structure, new)
        return all(
            self.new_of.get(place) == after[level]
            for level, place in before.items()
            if level in after
        )


def pair(old: Structure, new: Structure) -> Pairing:
    """Which unit of `old` is which unit of `new`."""
    pairing = Pairing(Side.of(old), Side.of(new))
    _pair_equal(pairing)
    _pair_alike(pairing)
    _pair_by_number(pairing)
    _pair_headings(pairing)
    return pairing


def _headings(structure: Structure, place: int) -> dict[int, int]:
    above: dict[int, int] = {}
    parent = structure.units[place].parent
    while parent is not None:
        above[structure.units[parent].level] = parent
        parent = structure.units[parent].parent
    return above


# --- the same words -----------------------------------------------------------------------------


def _pair_equal(pairing: Pairing) -> None:
    old, new = pairing.old, pairing.new
    whole = [list(zip(side.numbers, side.texts, strict=True)) for side in (old, new)]
    fixed = _in_common(whole[0], whole[1], 0, 0)
    for i, j in fixed:
        pairing.add(i, j)
    for (i, i_end), (j, j_end) in _gaps(fixed, len(old.texts), len(new.texts)):
        for left, right in _in_common(old.texts[i:i_end], new.texts[j:j_end], i, j):
            if old.texts[left]:
                pairing.add(left, right)
    _pair_equal_elsewhere(pairing)


def _in_common(
    old: Sequence[Hashable], new: Sequence[Hashable], i: int, j: int
) -> list[tuple[int, int]]:
    return [
        (i + block.a + step, j + block.b + step)
        for block in common_blocks(old, new)
        for step in range(block.size)
    ]


def _gaps(
    fixed: Sequence[tuple[int, int]], old: int, new: int
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The stretches between pairs that stand in order, where both texts have units left."""
    i = j = 0
    for left, right in [*fixed, (old, new)]:
        if i < left and j < right:
            yield (i, left), (j, right)
        i, j = left + 1, right + 1


def _pair_equal_elsewhere(pairing: Pairing) -> None:
    places: dict[str, list[int]] = {}
    for i, text in enumerate(pairing.old.texts):
        if i not in pairing.new_of and _is_telling(pairing.old.unit(i), text):
            places.setdefault(text, []).append(i)
    for j, text in enumerate(pairing.new.texts):
        left = places.get(text)
        if left and j not in pairing.old_of:
            number = pairing.new.numbers[j]
            same = [i for i in left if pairing.old.numbers[i] == number]
            chosen = (same or left)[0]
            left.remove(chosen)
            pairing.add(chosen, j)


def _is_telling(unit: Unit, text: str) -> bool:
    """Whether the same words elsewhere are the same unit, and not merely the same words."""
    return len(text) >= _SHORTEST_ELSEWHERE or (
        text != "" and unit.kind is Kind.HEADING and unit.number is not None
    )


# --- alike --------------------------------------------------------------------------------------


def _pair_alike(pairing: Pairing) -> None:
    """The likest pairs first, of those that could be revisions of each other."""
    old, new = pairing.old, pairing.new
    fixed = pairing.in_order()
    firsts = [i for i, _ in fixed], [j for _, j in fixed]
    scored: list[tuple[float, int, int]] = []
    for i, j in dict.fromkeys(_candidates(pairing, fixed)):
        if not _comparable(old.unit(i), new.unit(j)):
            continue
        in_gap = bisect_left(firsts[0], i) == bisect_left(firsts[1], j)
        same_number = old.numbers[i] is not None and old.numbers[i] == new.numbers[j]
        least = _REVISED if in_gap else _REVISED_ELSEWHERE
        likeness = _likeness(
            old.texts[i], new.texts[j], _REVISED_IN_PLACE if in_gap and same_number else least
        )
        if likeness:
            score = likeness + _SAME_GAP * in_gap + _SAME_NUMBER * same_number
            scored.append((-score, i, j))
    for _, i, j in sorted(scored):
        if i not in pairing.new_of and j not in pairing.old_of:
            pairing.add(i, j)


def _candidates(pairing: Pairing, fixed: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    old, new = pairing.old, pairing.new
    for (i, i_end), (j, j_end) in _gaps(fixed, len(old.texts), len(new.texts)):
        lefts = [place for place in range(i, i_end) if place not in pairing.new_of]
        rights = [place for place in range(j, j_end) if place not in pairing.old_of]
        if len(lefts) * len(rights) <= _PAIRS_IN_GAP:
            yield from ((left, right) for left in lefts for right in rights)
        else:
            yield from _same_number(pairing, lefts, rights)
    yield from _sharing_pieces(pairing)


def _same_number(
    pairing: Pairing, lefts: Sequence[int], rights: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Of a gap: the units with the same number, those that recur in their order."""
    waiting: dict[str | None, list[int]] = {}
    for left in reversed(lefts):
        waiting.setdefault(pairing.old.numbers[left], []).append(left)
    for right in rights:
        places = waiting.get(pairing.new.numbers[right])
        if places:
            yield places.pop(), right


def _sharing_pieces(pairing: Pairing) -> Iterator[tuple[int, int]]:
    """For each unit of the new text those of the old one that share most of its rare pieces."""
    holders: dict[str, list[int]] = {}
    for i, text in enumerate(pairing.old.texts):
        if i not in pairing.new_of:
            for piece in _pieces(text):
                holders.setdefault(piece, []).append(i)
    for j, text in enumerate(pairing.new.texts):
        if j in pairing.old_of:
            continue
        shared = Counter(
            i
            for piece in _pieces(text)
            if len(places := holders.get(piece, ())) <= _COMMON
            for i in places
        )
        yield from ((i, j) for i, count in shared.most_common(_CANDIDATES) if count >= _SHARED)


def _pieces(text: str) -> set[str]:
    text = text[:_LONGEST]
    return {text[i : i + _SHINGLE] for i in range(len(text) - _SHINGLE + 1)}


def _comparable(old: Unit, new: Unit) -> bool:
    """An annex stays one; headings, articles, items and paragraphs can become each other."""
    return (old.kind is Kind.ANNEX) == (new.kind is Kind.ANNEX)


def _likeness(old: str, new: str, least: float) -> float:
    return float(Indel.normalized_similarity(old[:_LONGEST], new[:_LONGEST], score_cutoff=least))


# --- the number alone ---------------------------------------------------------------------------


def _pair_by_number(pairing: Pairing) -> None:
    """An article or a heading whose words are all new is still the one that has its number."""
    old, new = pairing.old, pairing.new
    fixed = pairing.in_order()
    for (i, i_end), (j, j_end) in _gaps(fixed, len(old.texts), len(new.texts)):
        waiting: dict[tuple[Kind, str], list[int]] = {}
        for left in range(i, i_end):
            if left not in pairing.new_of and (name := _name(old, left)) is not None:
                waiting.setdefault(name, []).append(left)
        for right in range(j, j_end):
            if right in pairing.old_of or (name := _name(new, right)) is None:
                continue
            for left in waiting.get(name, []):
                # Units come after their headings, so that those have been paired already.
                if left not in pairing.new_of and _may_be_one(pairing, left, right):
                    pairing.add(left, right)
                    break


def _name(side: Side, place: int) -> tuple[Kind, str] | None:
    unit, number = side.unit(place), side.numbers[place]
    if unit.kind is Kind.ANNEX:
        return unit.kind, without_space(unit.text.split("\n")[0]) or ""
    return None if number is None else (unit.kind, number)


def _may_be_one(pairing: Pairing, left: int, right: int) -> bool:
    if not pairing.same_heading(left, right):
        return False
    if pairing.old.unit(left).kind is not Kind.ITEM:
        return True
    return bool(_likeness(pairing.old.texts[left], pairing.new.texts[right], _ITEM_BY_NUMBER))


def _pair_headings(pairing: Pairing) -> None:
    """A heading with another number and other words is the one under which the same units stand."""
    old, new = pairing.old.structure, pairing.new.structure
    children = (
        Counter(unit.parent for unit in old.units),
        Counter(unit.parent for unit in new.units),
    )
    shared = Counter((old.units[i].parent, new.units[j].parent) for i, j in pairing.new_of.items())
    for (left, right), count in shared.most_common():
        if (
            left is not None
            and right is not None
            and left not in pairing.new_of
            and right not in pairing.old_of
            and old.units[left].level == new.units[right].level
            and 2 * count >= max(children[0][left], children[1][right])
        ):
            pairing.add(left, right)
