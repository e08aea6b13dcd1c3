"""Lines inside a quotation: a decision that amends a text quotes its articles."""

from __future__ import annotations

from collections.abc import Sequence

_OPENING = "“「『"
_CLOSING = "”」』"
# A quotation that is still open after so many lines was never closed.
_LONGEST = 300


def quoted_lines(lines: Sequence[str]) -> set[int]:
    """The places of lines that begin inside a quotation, or with one.

    Where a quotation runs over paragraphs, each of them begins with a sign that opens it and only
    the last one ends with one that closes it. One that is never closed is a slip of the pen.
    """
    quoted: set[int] = set()
    began: int | None = None
    depth = 0
    for place, line in enumerate(lines):
        text = line.lstrip()
        if began is not None and place - began > _LONGEST:
            depth, began = 0, None
        again = depth > 0 and text[:1] in _OPENING and text != ""
        for sign in text[1:] if again else text:
            if sign in _OPENING:
                depth += 1
            elif sign in _CLOSING:
                depth = max(0, depth - 1)
        if began is None:
            began = place if depth else None
        elif depth == 0:
            quoted.update(range(began + 1, place + 1))
            began = None
        if text[:1] in _OPENING and text != "":
            quoted.add(place)
    return quoted
