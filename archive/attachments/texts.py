"""Where everybody asks for an attachment's text: what was read of it before, or is read now."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from archive.attachments.limits import LIMITS, Limits
from archive.attachments.process import CannotReadError, FileReader
from archive.attachments.store import TextStore
from archive.attachments.text import FileText, Outcome
from archive.bodies import DamagedBodyError, find_body, read_body

# The outcomes that follow from what a file may take, and not from the file alone.
_BY_LIMITS = (Outcome.TIMED_OUT, Outcome.TOO_LARGE)


class AttachmentTexts:
    """The texts of an archive's attachments, by the SHA-256 of their bytes.

    What has not been read yet is read when it is asked for, in a process that lives until `close`.
    With `seconds`, no reading begins later than that after the first one did. Under narrower
    `limits` than the usual ones, what goes beyond them is not kept as if it were beyond all.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        seconds: float | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._connection = connection
        self._store = TextStore(path)
        self._reader = FileReader(limits)
        self._limits = limits
        self._seconds = seconds
        self._until: float | None = None
        # Of this moment alone: where the file beside the archive cannot be written, a document
        # that is looked at twice is read once all the same.
        self._last: tuple[bytes, FileText] | None = None

    def get(self, sha256: bytes) -> FileText | None:
        """What the bytes with that SHA-256 say; None where they are not held, or time is up.

        Bytes that are damaged in the archive are not held: `verify` names them.
        """
        if self._last is not None and self._last[0] == sha256:
            return self._last[1]
        found = self._store.get(sha256)
        if found is None:
            found = self._read(sha256)
        if found is not None:
            self._last = (sha256, found)
        return found

    def text(self, sha256: bytes) -> str:
        """The text alone; empty where there is none."""
        found = self.get(sha256)
        return found.text if found is not None and found.outcome is Outcome.READ else ""

    @property
    def is_out_of_time(self) -> bool:
        """Whether nothing more is read, for want of time or of a process to do it."""
        return self._until is not None and time.monotonic() >= self._until

    def close(self) -> None:
        """End the process that reads, if one was needed."""
        self._reader.close()

    def _read(self, sha256: bytes) -> FileText | None:
        if self._seconds is not None and self._until is None:
            self._until = time.monotonic() + self._seconds
        if self.is_out_of_time:
            return None
        body_id = find_body(self._connection, sha256)
        if body_id is None:
            return None
        try:
            body = read_body(self._connection, body_id)
        except DamagedBodyError:
            return None
        try:
            found = self._reader.read(body)
        except CannotReadError:
            self._until = time.monotonic()
            return None
        if found.outcome not in _BY_LIMITS or self._limits == LIMITS:
            self._store.put({sha256: found})
        return found


def attachment_texts(
    path: Path,
    connection: sqlite3.Connection,
    *,
    seconds: float | None = None,
    limits: Limits = LIMITS,
) -> closing[AttachmentTexts]:
    """The texts of an archive's attachments, for as long as the block lasts."""
    return closing(AttachmentTexts(path, connection, seconds=seconds, limits=limits))
