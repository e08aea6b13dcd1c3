"""What a reader hands back, and the bounds that all of them keep."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from archive.attachments.limits import LIMITS
from archive.attachments.text import Outcome, UnreadableError

_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u3000\u2002-\u200a\u202f]+")
# Signs that show nothing, such as what Word puts where a picture or a field stands.
_UNSHOWN = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b\ufeff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A text, and what is to be said about it."""

    text: str
    note: str = ""


class Lines:
    """The lines of a text while it is being read, bounded in length."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._chars = 0

    def add(self, line: str) -> None:
        """A paragraph; one without any sign is none."""
        line = plain(line)
        if line:
            self._keep(line)

    def add_row(self, cells: Iterable[str]) -> None:
        """A row of a table; empty cells at its end, and empty rows, are left out."""
        row = "\t".join(map(plain, cells)).rstrip("\t")
        if row:
            self._keep(row)

    def add_text(self, text: str) -> None:
        """Lines that are canonical already."""
        for line in text.split("\n") if text else ():
            self._keep(line)

    def found(self, note: str = "") -> Found:
        """All of them as a text."""
        return Found("\n".join(self._lines), note)

    def _keep(self, line: str) -> None:
        self._chars += len(line) + 1
        if self._chars > LIMITS.text_chars:
            raise UnreadableError(
                Outcome.TOO_LARGE, f"its text is longer than {LIMITS.text_chars:,} characters"
            )
        self._lines.append(line)

    def __bool__(self) -> bool:
        return bool(self._lines)


def plain(text: str) -> str:
    """A line or a cell: white space as single spaces, nothing that shows nothing."""
    return _HALF.sub("\ufffd", _SPACE.sub(" ", _UNSHOWN.sub("", text))).strip()


def opened_zip(body: bytes) -> zipfile.ZipFile:
    """A ZIP archive, after a look at what it says that it unfolds to.

    Raises UnreadableError for one that is a bomb by its own account; one that lies about it is cut
    off where it said it would end.
    """
    archive = zipfile.ZipFile(io.BytesIO(body))
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > LIMITS.unpacked_bytes:
        raise UnreadableError(
            Outcome.TOO_LARGE, f"it unfolds to more than {LIMITS.unpacked_bytes:,} bytes"
        )
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise UnreadableError(Outcome.ENCRYPTED)
    return archive
