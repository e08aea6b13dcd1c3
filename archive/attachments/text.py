"""What comes of reading a file: its text, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How the reading of a file ended. Only `read` has a text."""

    READ = "read"
    SCANNED = "scanned"
    """Its pages are pictures: there are no characters to be read."""
    UNREADABLE_FORMAT = "unreadable-format"
    """Of a format that cannot be read here, or of none that is known."""
    BROKEN = "broken"
    """It is not what its first bytes say, or is cut off or damaged."""
    TOO_LARGE = "too-large"
    """It, or what it unfolds to, is more than a reader may take."""
    TIMED_OUT = "timed-out"
    ENCRYPTED = "encrypted"
    """It opens with a password only."""


@dataclass(frozen=True, slots=True)
class FileText:
    """What a reader made of a file's bytes.

    `reader` is its name and version, such as `pdf/1`. `text` is paragraphs and table rows, one a
    line, the cells of a row apart by tabs, as of a page; empty unless `outcome` is `read`. `note`
    says in words what the outcome alone does not, and is else empty.
    """

    outcome: Outcome
    reader: str
    text: str = ""
    note: str = ""

    def as_json(self, *, with_content: bool = False) -> dict[str, Any]:
        """As `show` gives it with an attachment; `with_content` with the text itself."""
        value: dict[str, Any] = {
            "outcome": self.outcome.value,
            "reader": self.reader,
            "chars": len(self.text),
            "note": self.note or None,
        }
        if with_content:
            value["content"] = self.text if self.outcome is Outcome.READ else None
        return value


class UnreadableError(Exception):
    """A reader cannot make a text of a file: `outcome` and `note` say why."""

    def __init__(self, outcome: Outcome, note: str = "") -> None:
        super().__init__(note or outcome.value)
        self.outcome = outcome
        self.note = note
