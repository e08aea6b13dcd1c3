"""What changed inside attachments, in the words of one reader for both sides (R12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.attachments.text import FileText, Outcome
from archive.attachments.texts import AttachmentTexts
from archive.comparison import Difference
from archive.diff import LineChange
from archive.errors import YangeError

if TYPE_CHECKING:
    from archive.law.comparison.alignment import ArticleChange

Align = Callable[[str, str], Sequence[LineChange]]

# An attachment's SHA-256 in hexadecimal; what else a difference can name is an address.
_DIGEST = 64


@dataclass(frozen=True, slots=True)
class AttachmentComparison:
    """An attachment whose bytes changed; `text` is every line of both texts, if both were read."""

    name: str
    before: FileText
    after: FileText
    text: tuple[LineChange, ...]

    @property
    def says_the_same(self) -> bool:
        """Whether both were read, and their texts do not differ."""
        return (
            self._is_readable
            and not self.is_too_long
            and all(line.op == "equal" for line in self.text)
        )

    @property
    def is_too_long(self) -> bool:
        """Whether both were read, but were too long to be compared here."""
        return self._is_readable and not self.text and bool(self.before.text or self.after.text)

    def articles(self) -> list[ArticleChange] | None:
        """The two texts compared article by article; None where they do not consist of such."""
        if not self._is_readable or self.is_too_long:
            return None
        # Here, since no comparison by lines needs it.
        from archive.law.comparison.alignment import compare_articles, has_articles

        before, after = self.before.text, self.after.text
        if not (has_articles(before) and has_articles(after)):
            return None
        return compare_articles(before, after)

    @property
    def _is_readable(self) -> bool:
        return self.before.outcome is Outcome.READ and self.after.outcome is Outcome.READ


def compare_attachments(
    differences: Sequence[Difference], texts: AttachmentTexts, align: Align
) -> tuple[AttachmentComparison, ...]:
    """The texts of the attachments that were replaced, compared by `align`.

    Where that refuses (a YangeError), because they are too long for whoever asks, `text` is empty.
    """
    found = []
    for one in differences:
        before, after = (_text(texts, value) for value in (one.before, one.after))
        if before is None or after is None:
            continue
        readable = before.outcome is Outcome.READ and after.outcome is Outcome.READ
        lines: tuple[LineChange, ...] = ()
        if readable:
            with suppress(YangeError):
                lines = tuple(align(before.text, after.text))
        found.append(AttachmentComparison(one.field or "", before, after, lines))
    return tuple(found)


def _text(texts: AttachmentTexts, value: str | None) -> FileText | None:
    if value is None or len(value) != _DIGEST or ":" in value:
        return None
    return texts.get(bytes.fromhex(value))
