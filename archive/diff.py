"""What changed between two texts: paragraphs and table rows first, then characters inside one.

Lines are aligned before characters are looked at. Comparing characters over whole texts finds
coincidences between unrelated paragraphs and takes a thousand times as long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel, Levenshtein

from archive.whitespace import line_key

Op = Literal["equal", "insert", "delete", "replace"]

# Below this likeness two lines are one that went and one that came, not one that was revised.
_REVISED = 0.5
# Pairing the lines of a changed stretch is quadratic; beyond this they are paired in order.
_MAX_PAIRS = 40_000
# An agreement this short between two long differences is chance (的, a comma), not a part kept.
_CHANCE = 1
_LONG = 4
_NUMERALS = frozenset("0123456789零〇一二三四五六七八九十百千万")
# The alignment needs a bit for each pair of characters: 12 MB here.
_MAX_PAIRS_ALIGNED = 100_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of characters inside a revised line."""

    op: Op
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line, or one pair of lines, of a comparison.

    `before` is None for `insert`, `after` for `delete`. `spans` are given for `replace` only;
    joined, their parts give the two lines back.
    """

    op: Op
    before: str | None
    after: str | None
    spans: tuple[Span, ...] = ()


def diff_texts(before: str, after: str) -> list[LineChange]:
    """Every line of both texts in the order of the new one, what was removed where it stood."""
    old, new = _lines(before), _lines(after)
    result: list[LineChange] = []
    i = j = 0
    for block in common_blocks([line_key(line) for line in old], [line_key(line) for line in new]):
        result.extend(_diff_stretch(old[i : block.a], new[j : block.b]))
        i, j = block.a + block.size, block.b + block.size
        result.extend(
            LineChange("equal", one, other)
            for one, other in zip(old[block.a : i], new[block.b : j], strict=True)
        )
    return result


class Block(NamedTuple):
    """`size` lines that both texts have in common, from line `a` of the old and `b` of the new."""

    a: int
    b: int
    size: int


def common_blocks(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Block]:
    """The stretches that both have in common, in order; the last one is empty and at the end.

    By the longest common subsequence. Where its alignment would not fit into memory, the lines
    that occur once in either text are taken for fixed, and what is between them is aligned.
    """
    anchors = _anchors(old, new) if len(old) * len(new) > _MAX_PAIRS_ALIGNED else []
    i = j = 0
    for left, right in [*anchors, (len(old), len(new))]:
        if (left - i) * (right - j) <= _MAX_PAIRS_ALIGNED:
            for op in Indel.opcodes(old[i:left], new[j:right]):
                if op.tag == "equal":
                    yield Block(i + op.src_start, j + op.dest_start, op.src_end - op.src_start)
        if left < len(old) and right < len(new):
            yield Block(left, right, 1)
        i, j = left + 1, right + 1
    yield Block(len(old), len(new), 0)


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The most lines that occur once in either text and stand in the same order in both."""
    once_in_old, once_in_new = _once(old), _once(new)
    return increasing(
        [(i, once_in_new[line]) for line, i in once_in_old.items() if line in once_in_new]
    )


def increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most of these pairs, given by the first, whose second ones increase as well."""
    ends: list[int] = []
    links: list[int] = []
    before: list[int] = []
    for place, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        before.append(links[length - 1] if length else -1)
        links[length : length + 1] = [place]
    chain: list[tuple[int, int]] = []
    place = links[-1] if links else -1
    while place >= 0:
        chain.append(pairs[place])
        place = before[place]
    return chain[::-1]


def _once(lines: Sequence[Hashable]) -> dict[Hashable, int]:
    """Where each line that occurs only once stands, in order."""
    counts = Counter(lines)
    return {line: place for place, line in enumerate(lines) if counts[line] == 1}


def diff_characters(before: str, after: str) -> tuple[Span, ...]:
    """The characters that differ between two lines; equal stretches included.

    Aligned by least edits with substitution: 2025年3月 → 2026年5月 is two characters replaced. With
    insertions and deletions alone the 5 that both happen to have would be taken for the same.
    """
    spans: list[Span] = []
    for op, i1, i2, j1, j2 in _aligned(before, after):
        piece = Span("equal" if op == "equal" else "replace", before[i1:i2], after[j1:j2])
        if spans and (piece.op == "equal") == (spans[-1].op == "equal"):
            last = spans.pop()
            piece = Span(piece.op, last.before + piece.before, last.after + piece.after)
        spans.append(piece)
    return tuple(_named(span) for span in _without_chance(spans) if span.before or span.after)


def _aligned(before: str, after: str) -> Iterator[tuple[str, int, int, int, int]]:
    if len(before) * len(after) <= _MAX_PAIRS_ALIGNED:
        for block in Levenshtein.opcodes(before, after):
            yield block.tag, block.src_start, block.src_end, block.dest_start, block.dest_end
        return
    head = _common_length(before, after)
    tail = _common_length(reversed(before[head:]), reversed(after[head:]))
    i, j = len(before) - tail, len(after) - tail
    yield "equal", 0, head, 0, head
    yield "replace", head, i, head, j
    yield "equal", i, len(before), j, len(after)


def _common_length(before: Iterable[str], after: Iterable[str]) -> int:
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _diff_stretch(old: Sequence[str], new: Sequence[str]) -> Iterator[LineChange]:
    """Pair the lines of a changed stretch in order, so that the pairs are as alike as can be."""
    i = j = 0
    for left, right in [*_pairs(old, new), (len(old), len(new))]:
        yield from (LineChange("delete", line, None) for line in old[i:left])
        yield from (LineChange("insert", None, line) for line in new[j:right])
        if left < len(old) and right < len(new):
            before, after = old[left], new[right]
            if line_key(before) == line_key(after):
                yield LineChange("equal", before, after)
            else:
                yield LineChange("replace", before, after, diff_characters(before, after))
        i, j = left + 1, right + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The increasing pairs of lines with the greatest sum of likeness, each at least revised."""
    if not old or not new:
        return []
    if len(old) * len(new) > _MAX_PAIRS:
        return [
            (i, i) for i in range(min(len(old), len(new))) if _likeness(old[i], new[i]) >= _REVISED
        ]
    width = len(new) + 1
    best = [[0.0] * width for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            likeness = _likeness(old[i], new[j])
            paired = likeness + best[i + 1][j + 1] if likeness >= _REVISED else -1.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def _likeness(before: str, after: str) -> float:
    return float(Indel.normalized_similarity(before, after, score_cutoff=_REVISED))


def _without_chance(spans: Sequence[Span]) -> Iterator[Span]:
    """Join two differences over an agreement that is only chance: both are long, or all is one
    number (十八 → 二十 is no 二 that came and no 八 that went).
    """
    kept: list[Span] = []
    for span in spans:
        if (
            span.op != "equal"
            and len(kept) >= 2
            and (
                (
                    len(kept[-1].before) <= _CHANCE
                    and all(
                        min(len(one.before), len(one.after)) >= _LONG for one in (kept[-2], span)
                    )
                )
                or all(map(_is_numeral, (kept[-2], kept[-1], span)))
            )
        ):
            middle, left = kept.pop(), kept.pop()
            span = Span(
                "replace",
                left.before + middle.before + span.before,
                left.after + middle.after + span.after,
            )
        kept.append(span)
    yield from kept


def _is_numeral(span: Span) -> bool:
    return all(sign in _NUMERALS for sign in span.before + span.after)


def _named(span: Span) -> Span:
    if span.op == "equal":
        return span
    op: Op = "replace" if span.before and span.after else "delete" if span.before else "insert"
    return Span(op, span.before, span.after)
