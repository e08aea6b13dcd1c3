"""The characters that differ between two units: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Indel

from archive.diff import LineChange, Span, diff_texts

# Agreement of fewer characters in a row does not say where one part ends and the next begins.
_SOLID = 4


def marked(before: str, after: str) -> tuple[Span, ...]:
    """The stretches of two texts that agree and differ: line by line, then by character.

    Joined, their parts give the two texts back. What is `equal` may differ in white space.
    """
    pieces: list[Span] = []
    begun = [False, False]
    for line in diff_texts(before, after):
        breaks = [
            "\n" if begun[side] and text is not None else ""
            for side, text in enumerate((line.before, line.after))
        ]
        begun = [begun[0] or line.before is not None, begun[1] or line.after is not None]
        pieces.extend(_pieces(line, breaks[0], breaks[1]))
    return _joined(pieces)


def slices(whole: str, parts: Sequence[str]) -> list[str]:
    """The slice of `whole` that went into each of `parts`; joined, they are the whole."""
    ends: list[int] = []
    at = -1
    for part in parts[:-1]:
        at += 1 + len(part)
        ends.append(at)
    cuts = [0]
    blocks = [
        op
        for op in Indel.opcodes(whole, "\n".join(parts))
        if op.tag == "equal" and op.src_end - op.src_start >= _SOLID
    ]
    for end in ends:
        block = next((one for one in blocks if one.dest_end > end), None)
        cut = len(whole) if block is None else block.src_start + max(0, end - block.dest_start)
        cuts.append(max(cut, cuts[-1]))
    return [whole[cut:stop] for cut, stop in zip(cuts, [*cuts[1:], len(whole)], strict=True)]


def _pieces(line: LineChange, before_it: str, after_it: str) -> Iterable[Span]:
    before, after = before_it + (line.before or ""), after_it + (line.after or "")
    if line.op != "replace":
        return [Span(line.op, before, after)]
    return [Span("equal", before_it, after_it), *line.spans]


def _joined(pieces: Iterable[Span]) -> tuple[Span, ...]:
    """Stretches of one kind that follow each other as one, without empty ones."""
    spans: list[Span] = []
    for piece in pieces:
        if not (piece.before or piece.after):
            continue
        if spans and spans[-1].op == piece.op:
            last = spans.pop()
            piece = Span(piece.op, last.before + piece.before, last.after + piece.after)
        spans.append(piece)
    return tuple(spans)
