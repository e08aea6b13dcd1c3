"""A document's validity over time: periods on a line, from its first capture to its last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

WIDTH = 1000
"""Of the whole line, in the units of its drawing."""
_LEAST = 12


class Period(NamedTuple):
    """A time for which the pages stated the same; `until` is None for what they state now."""

    validity: str
    version: int
    since: str
    until: str | None
    x: int
    width: int


def periods(versions: Sequence[tuple[int, str, str]], last_seen: str | None) -> list[Period]:
    """The periods of `versions`, each its number, when it was captured, and its validity.

    The line ends where the document was last seen, or with its newest version.
    """
    turns: list[tuple[int, str, str]] = []
    for version, at, validity in versions:
        if not turns or turns[-1][2] != validity:
            turns.append((version, at, validity))
    if not turns:
        return []
    moments = [datetime.fromisoformat(at).timestamp() for _, at, _ in turns]
    end = max(moments[-1], datetime.fromisoformat(last_seen).timestamp() if last_seen else 0.0)
    whole = end - moments[0]
    # However short, a period is to be seen.
    room = WIDTH - _LEAST * len(turns)
    found: list[Period] = []
    x = 0
    for place, (version, at, validity) in enumerate(turns):
        is_last = place == len(turns) - 1
        seconds = (end if is_last else moments[place + 1]) - moments[place]
        share = max(seconds, 0.0) / whole if whole > 0 else 1 / len(turns)
        width = WIDTH - x if is_last else _LEAST + round(room * share)
        until = None if is_last else turns[place + 1][1]
        found.append(Period(validity, version, at, until, x, width))
        x += width
    return found
