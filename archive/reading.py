"""What one version of a reader made of a page's bytes, and what a reader is.

The archive reads no pages itself. A reader is handed to it, so that stored bytes can be read
again (R12, R17) without the archive knowing how a portal's pages look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from archive.fields import Fields


class Nature(StrEnum):
    """What a page is, judged from the page alone."""

    DOCUMENT = "document"
    BLOCKED = "blocked"
    """A firewall's challenge or refusal stands where the page should be."""
    SUSPECT = "suspect"
    """A notice, an error page or a damaged page stands where the page should be."""
    OTHER = "other"
    """A sound page that is no document: a list, a front page, a page without text."""


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file or a picture that the body of a page links to: an attachment by its address.

    `name` is the link's text, a picture's alternative text, else the last part of the address.
    `url` is absolute.
    """

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page as a reader understood it.

    `reader` names the reader (its version and, where they differ from the defaults, its
    settings). `text` is the canonical text: one paragraph or table row a line, cells separated
    by a tab, `""` for none. `metadata` is every label found with its value, verbatim, in page
    order, known or not. `problems` are values that could not be read, as sentences.
    `reason` says in a few words why a page is not a document (`""` for one that is).
    `has_metadata` tells that the page stated at least one field by its label (the title in a
    heading does not count).
    """

    reader: str
    nature: Nature
    reason: str = ""
    fields: Fields = field(default_factory=Fields)
    text: str = ""
    attachments: tuple[LinkedFile, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    has_metadata: bool = False


class Reader(Protocol):
    """Makes a reading of a page's bytes: pure, the same bytes always give the same reading."""

    @property
    def name(self) -> str:
        """The reader's version and settings in one word, kept with every reading."""

    @property
    def settings(self) -> str:
        """The settings as canonical JSON, from which the same reader can be made again."""

    def read(self, body: bytes, *, url: str, content_type: str = "") -> Reading:
        """Read `body`, received from `url` with this Content-Type header. Never raises on input."""

    def decode(self, body: bytes, content_type: str = "") -> str:
        """The page as text, with the encoding that `read` takes it to be in."""
