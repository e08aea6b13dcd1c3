"""Comparing two versions within limits of size, in a process of its own."""

from __future__ import annotations

from archive.comparison import State
from archive.errors import YangeError
from archive.revision import Comparison, compare_states
from archive.room.apart import Apart

MOST_CHARACTERS = 1_000_000
MOST_LINES = 20_000
"""Of either text: more than anybody reads side by side, and than a browser can show."""


class TooLongToCompareError(YangeError):
    """Texts that are too long to be compared on a page."""

    def __init__(self) -> None:
        super().__init__(
            f"texts of more than {MOST_CHARACTERS:,} characters or {MOST_LINES:,} lines are not"
            " compared here; `yange diff` compares them"
        )


def compare_apart(apart: Apart, before: State, after: State) -> Comparison:
    """Two states compared. Raises TooLongToCompareError, TookTooLongError."""
    for state in (before, after):
        if len(state.text) > MOST_CHARACTERS or state.text.count("\n") >= MOST_LINES:
            raise TooLongToCompareError
    return apart.do(compare_states, before, after)
