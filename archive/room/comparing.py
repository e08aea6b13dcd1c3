"""Comparing two versions within limits of size, in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.comparison import State
from archive.errors import TookTooLongError, YangeError
from archive.revision import Comparison, compare_states
from archive.room.apart import Apart

if TYPE_CHECKING:
    from archive.attachments.comparison import AttachmentComparison
    from archive.law.comparison.alignment import ArticleChange

MOST_CHARACTERS = 1_000_000
MOST_LINES = 20_000
"""Of either text: more than anybody reads side by side, and than a browser can show."""

BY = ("line", "article")
"""How texts can be compared: as the command line's `diff --by` has it."""


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


def compare_articles_apart(apart: Apart, before: State, after: State) -> list[ArticleChange]:
    """The texts of two states, that are not too long, compared article by article.

    Raises TookTooLongError.
    """
    return apart.do(_articles, before.text, after.text)


def compare_files_apart(
    apart: Apart, files: Sequence[AttachmentComparison]
) -> list[list[ArticleChange] | None]:
    """The texts of each attachment compared article by article; None where that cannot be done.

    That is where they do not consist of such; of all of them, where they take too long together.
    """
    with suppress(TookTooLongError):
        return apart.do(_articles_of_files, files) if files else []
    return [None] * len(files)


def _articles_of_files(
    files: Sequence[AttachmentComparison],
) -> list[list[ArticleChange] | None]:
    return [one.articles() for one in files]


def _articles(before: str, after: str) -> list[ArticleChange]:
    # In the process apart, which alone needs it.
    from archive.law.comparison.alignment import compare_articles

    return compare_articles(before, after)
