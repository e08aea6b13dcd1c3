"""Units that were split into several, or merged from several: pure.

Both are one question asked from either side: is one unit of a text spread over units of the other
one that stand next to each other? A merger is a split seen from the new text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate

from rapidfuzz.distance import Indel

from archive.law.articles.units import Kind
from archive.law.comparison.pairing import Pairing, Side

# Agreement of fewer characters in a row is chance.
_SOLID = 4
# Of each part so much must come from the whole, and of the whole so much must be found again.
_OF_PART, _OF_WHOLE = 0.5, 0.5
# Without a part so much of it must be missing: what two articles say in the same words, such as who
# imposes a fine, is not shared out between them.
_OWED_TO_PART = 0.4
_MOST_PARTS = 6
# An alignment takes a bit for each pair of characters.
_MOST_PAIRS = 20_000_000


class Division:
    """The wholes of one text that are spread over `parts` of the other, by the whole's place."""

    def __init__(self, whole: Side, parts: Side, part_of: Mapping[int, int]) -> None:
        self._whole, self._parts = whole, parts
        self._part_of = part_of
        self._taken: set[int] = set(part_of.values())

    def find(self, wholes: Collection[int]) -> dict[int, list[int]]:
        """For each of `wholes` that was divided, its parts in order."""
        found: dict[int, list[int]] = {}
        for place in wholes:
            if self._whole.unit(place).kind in (Kind.HEADING, Kind.ANNEX):
                continue
            run = self._run(place)
            if len(run) > 1:
                found[place] = run
                self._taken.update(run)
        return found

    def _run(self, place: int) -> list[int]:
        first = self._part_of.get(place)
        if first is not None:
            if self._next(first, 1) is None and self._next(first, -1) is None:
                return []
            run = [first]
        else:
            run = next(self._starts(place), [])
        if run:
            run = self._extended(place, run, 1)
            run = self._extended(place, run, -1)
        return run

    def _starts(self, place: int) -> Iterator[list[int]]:
        """Two parts next to each other where the whole would stand."""
        before = place - 1
        while before >= 0 and before not in self._part_of:
            before -= 1
        at = self._part_of[before] if before >= 0 else -1
        for _ in range(_MOST_PARTS):
            first = self._next(at, 1)
            second = None if first is None else self._next(first, 1)
            if first is None or second is None:
                return
            if self._is_spread_over(place, [first, second], of_whole=0.3):
                yield [first, second]
            at = first

    def _extended(self, place: int, run: list[int], step: int) -> list[int]:
        while len(run) < _MOST_PARTS:
            following = self._next(run[-1] if step > 0 else run[0], step)
            if following is None:
                break
            longer = [*run, following] if step > 0 else [following, *run]
            if not self._is_spread_over(place, longer, of_whole=_OF_WHOLE):
                break
            run = longer
        return run

    def _next(self, place: int, step: int) -> int | None:
        """The unit next to `place` if it has no counterpart; a new heading may stand between."""
        while 0 <= (place := place + step) < len(self._parts.texts):
            if place in self._taken:
                return None
            if self._parts.unit(place).kind is not Kind.HEADING:
                return None if self._parts.unit(place).kind is Kind.ANNEX else place
        return None

    def _is_spread_over(self, place: int, run: Sequence[int], *, of_whole: float) -> bool:
        whole = self._whole.texts[place]
        parts = [self._parts.texts[part] for part in run]
        if len(whole) * sum(map(len, parts)) > _MOST_PAIRS:
            return False
        shares = _shares(whole, parts)
        total = sum(shares)
        if total < of_whole * len(whole):
            return False
        for at, (share, part) in enumerate(zip(shares, parts, strict=True)):
            if share < max(_SOLID, _OF_PART * len(part)):
                return False
            without = sum(_shares(whole, parts[:at] + parts[at + 1 :]))
            if total - without < _OWED_TO_PART * len(part):
                return False
        return True


def split_and_merged(pairing: Pairing) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """What was split, by its place in the old text, and what was merged, by its place in the new.

    In the pairing the first of the parts becomes the partner of the whole.
    """
    old, new = pairing.old, pairing.new
    splits = Division(old, new, pairing.new_of).find(_changed(old, new, pairing.new_of))
    for whole, parts in splits.items():
        pairing.add(whole, parts[0])
    split = {part for parts in splits.values() for part in parts}
    changed = [place for place in _changed(new, old, pairing.old_of) if place not in split]
    mergers = Division(new, old, pairing.old_of).find(changed)
    for whole, parts in mergers.items():
        pairing.add(parts[0], whole)
    return splits, mergers


def _changed(side: Side, other: Side, partner_of: Mapping[int, int]) -> list[int]:
    """The places whose units have no partner, or one with other words."""
    return [
        place
        for place, text in enumerate(side.texts)
        if (partner := partner_of.get(place)) is None or other.texts[partner] != text
    ]


def _shares(whole: str, parts: Sequence[str]) -> list[int]:
    """How many characters of each part stand in the whole, in its order and several in a row."""
    shares = [0] * len(parts)
    ends = [*accumulate(map(len, parts))]
    for op in Indel.opcodes(whole, "".join(parts)):
        if op.tag != "equal" or op.src_end - op.src_start < _SOLID:
            continue
        begin = op.dest_start
        for place in range(bisect_right(ends, begin), len(parts)):
            end = min(op.dest_end, ends[place])
            shares[place] += end - begin
            begin = end
            if begin == op.dest_end:
                break
    return shares
