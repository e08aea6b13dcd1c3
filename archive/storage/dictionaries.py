"""Dictionaries: bytes that the pages of one host have in common, kept once.

A dictionary is never altered or deleted, so what was compressed with it can be read for ever.
"""

from __future__ import annotations

import re
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from archive.canonical import sha256
from archive.errors import YangeError
from archive.storage.compression import CompressionError, Prefix, compress, decompress

MOST_BYTES = 512 * 1024
"""How long a dictionary becomes. Twice as long, it saves no more than it takes up itself."""

# How many are kept ready: a page of one host is mostly followed by one of the same few hosts.
_READY = 16
_ready: OrderedDict[bytes, Prefix] = OrderedDict()

_LINES = re.compile(rb"(?<=\n)")
_TAGS = re.compile(rb"(?<=>)")
# A longer line is taken apart at its tags: whole templates stand on one line.
_LONG_LINE = 8192


class DamagedDictionaryError(YangeError):
    """A dictionary is not the bytes that it was."""

    def __init__(self, dictionary_id: int, why: str) -> None:
        super().__init__(f"dictionary {dictionary_id} is damaged: {why}")
        self.dictionary_id = dictionary_id


class Dictionary(NamedTuple):
    """A dictionary as it is listed; `pages` is how many pages it was made of."""

    id: int
    sha256: bytes
    pages: int


def add(
    connection: sqlite3.Connection,
    content: bytes,
    *,
    portal: str | None,
    host: str | None,
    pages: int,
    level: int,
) -> Dictionary:
    """Store a dictionary for a host of a portal within the caller's transaction."""
    digest = sha256(content)
    cursor = connection.execute(
        """INSERT INTO dictionaries (portal, host, pages, sha256, bytes, data)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (portal, host, pages, digest, len(content), compress(content, level)),
    )
    assert cursor.lastrowid is not None
    return Dictionary(cursor.lastrowid, digest, pages)


def of_host(
    connection: sqlite3.Connection, portal: str | None, host: str | None, limit: int
) -> list[Dictionary]:
    """The newest dictionaries of a host, the newest first."""
    rows = connection.execute(
        """SELECT id, sha256, pages FROM dictionaries WHERE portal IS ? AND host IS ?
           ORDER BY id DESC LIMIT ?""",
        (portal, host, limit),
    )
    return [Dictionary(*row) for row in rows]


def prefix_of(connection: sqlite3.Connection, dictionary_id: int, digest: bytes) -> Prefix:
    """A dictionary ready for use; `digest` is its SHA-256. Raises DamagedDictionaryError."""
    ready = _ready.get(digest)
    if ready is None:
        ready = _ready[digest] = Prefix(read(connection, dictionary_id))
        if len(_ready) > _READY:
            _ready.popitem(last=False)
    else:
        _ready.move_to_end(digest)
    return ready


def read_ready(connection: sqlite3.Connection, dictionary_id: int) -> Prefix:
    """A dictionary ready for use, by its id alone. Raises DamagedDictionaryError."""
    row = connection.execute(
        "SELECT sha256 FROM dictionaries WHERE id = ?", (dictionary_id,)
    ).fetchone()
    if row is None:
        raise DamagedDictionaryError(dictionary_id, "it is missing")
    return prefix_of(connection, dictionary_id, row[0])


def read(connection: sqlite3.Connection, dictionary_id: int) -> bytes:
    """The bytes of a dictionary as they are stored. Raises DamagedDictionaryError."""
    row = connection.execute(
        "SELECT sha256, bytes, data FROM dictionaries WHERE id = ?", (dictionary_id,)
    ).fetchone()
    if row is None:
        raise DamagedDictionaryError(dictionary_id, "it is missing")
    digest, size, data = row
    try:
        content = decompress(data, size)
    except CompressionError as error:
        raise DamagedDictionaryError(dictionary_id, str(error)) from error
    if sha256(content) != digest:
        raise DamagedDictionaryError(
            dictionary_id, "its bytes do not have the SHA-256 they were kept under"
        )
    return content


def build(pages: Iterable[bytes]) -> tuple[bytes, int]:
    """A dictionary made of pages, and how many there was room for: each of their lines once.

    The first page stands whole at the end, the template with it; before it stands what every
    further page says that none before it did. Training on samples (COVER) takes longer, and what
    it leaves of a page is larger.
    """
    seen: set[bytes] = set()
    parts: list[bytes] = []
    size = 0
    for page in pages:
        part = b"".join(_unseen(page, seen))
        size += len(part)
        if parts and size > MOST_BYTES:
            break
        parts.append(part)
    return b"".join(reversed(parts)), len(parts)


def _unseen(page: bytes, seen: set[bytes]) -> Iterable[bytes]:
    for line in _LINES.split(page):
        for piece in _TAGS.split(line) if len(line) > _LONG_LINE else (line,):
            if piece not in seen:
                seen.add(piece)
                yield piece
