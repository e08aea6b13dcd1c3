"""Whether a file is whole: its last gzip member says what stands before it.

How many bytes, and their SHA-256: so a file of any size is checked in one pass over its bytes,
before anything in it is believed.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from typing import IO, Any

import orjson

from archive.export.records import Output

# A last member takes some 400 bytes.
_TAIL_BYTES = 4096
_MEMBER = b"\x1f\x8b\x08"
_PIECE = 1 << 20


class NotWholeError(Exception):
    """A file is cut off or altered; the words say which, to follow its name."""


class Measured:
    """An output that knows how much went into it, and its SHA-256."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._sha256 = hashlib.sha256()
        self._count = 0

    def write(self, data: bytes) -> int:
        """Write `data`."""
        self._out.write(data)
        self._sha256.update(data)
        self._count += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing: what is written like this is synchronised at its end."""

    @property
    def measure(self) -> dict[str, Any]:
        """What the last member is to say of all that was written so far."""
        return {"bytes": self._count, "sha256": self._sha256.hexdigest()}


def checked_end(file: IO[bytes], mark: str) -> dict[str, Any]:
    """The JSON object in the last member of a whole file, whose text has `mark` in it.

    It stands there by itself or behind the headers of a record. Raises NotWholeError.
    """
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _TAIL_BYTES)
    file.seek(start)
    found = _last_member(file.read(), mark.encode())
    if found is None:
        raise NotWholeError("is cut off: it does not end as a whole one does")
    place, end = found
    before = start + place
    if end.get("bytes") != before or end.get("sha256") != _sha256(file, before):
        raise NotWholeError("is damaged: its bytes are not those that were written")
    file.seek(0)
    return end


def _last_member(tail: bytes, mark: bytes) -> tuple[int, dict[str, Any]] | None:
    """Where in `tail` the last member begins, and what it says."""
    place = tail.rfind(_MEMBER)
    while place >= 0:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            text = member.decompress(tail[place:])
            if member.eof and not member.unused_data and mark in text:
                # Headers of a record have no braces.
                end = orjson.loads(text[text.find(b"{") :])
                return (place, end) if isinstance(end, dict) else None
        except (zlib.error, ValueError):
            pass
        place = tail.rfind(_MEMBER, 0, place)
    return None


def _sha256(file: IO[bytes], size: int) -> str:
    running = hashlib.sha256()
    file.seek(0)
    while size > 0 and (piece := file.read(min(size, _PIECE))):
        running.update(piece)
        size -= len(piece)
    return running.hexdigest()
