"""Bodies: the bytes of pages and attachments, addressed by their SHA-256 (R16)."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import zstandard

from archive.canonical import sha256
from archive.errors import YangeError

# Level 3: 2.5 KB instead of 2.1 KB at level 19 for a page, at a fiftieth of the time; packing
# tighter is work for an idle hour, not for the crawl.
_COMPRESSOR = zstandard.ZstdCompressor(level=3, write_checksum=True, write_content_size=True)
_DECOMPRESSOR = zstandard.ZstdDecompressor()

PLAIN = "plain"
ZSTD = "zstd"
# Below this, compressed data is not worth a decompression on every read (archives, JPEG, PDF).
_WORTHWHILE = 0.95


class DamagedBodyError(YangeError):
    """The stored encoding of a body does not give the body back."""

    def __init__(self, body_id: int, why: str) -> None:
        super().__init__(f"body {body_id} is damaged: {why}")
        self.body_id = body_id


class Encoded(NamedTuple):
    """A body ready to be stored: its identity and one encoding of it."""

    sha256: bytes
    size: int
    codec: str
    data: bytes


def encode(body: bytes, digest: bytes | None = None) -> Encoded:
    """Hash (unless its SHA-256 is given) and compress `body`."""
    digest = digest or sha256(body)
    packed = _COMPRESSOR.compress(body)
    if len(packed) < len(body) * _WORTHWHILE:
        return Encoded(digest, len(body), ZSTD, packed)
    return Encoded(digest, len(body), PLAIN, body)


def find_body(connection: sqlite3.Connection, digest: bytes) -> int | None:
    """The id of the body with this SHA-256, or None."""
    row = connection.execute("SELECT id FROM bodies WHERE sha256 = ?", (digest,)).fetchone()
    return row[0] if row else None


def keep_body(connection: sqlite3.Connection, encoded: Encoded) -> int:
    """Store a body within the caller's transaction, once; its id."""
    known = find_body(connection, encoded.sha256)
    if known is not None:
        return known
    cursor = connection.execute(
        "INSERT INTO bodies (sha256, bytes) VALUES (?, ?)", (encoded.sha256, encoded.size)
    )
    body_id = cursor.lastrowid
    assert body_id is not None
    connection.execute(
        "INSERT INTO encodings (body_id, codec, data) VALUES (?, ?, ?)",
        (body_id, encoded.codec, encoded.data),
    )
    return body_id


def read_body(connection: sqlite3.Connection, body_id: int) -> bytes:
    """The bytes of a body as they were received.

    The SHA-256 is recomputed on every read: handing out wrong bytes in silence would be worse than
    the tenth of a millisecond. Raises DamagedBodyError.
    """
    row = connection.execute(
        """SELECT sha256, bytes, codec, data FROM bodies
           JOIN encodings ON encodings.body_id = bodies.id
           WHERE bodies.id = ? ORDER BY encodings.id DESC LIMIT 1""",
        (body_id,),
    ).fetchone()
    if row is None:
        raise DamagedBodyError(body_id, "nothing is stored of it")
    digest, size, codec, data = row
    if codec == ZSTD:
        try:
            data = _DECOMPRESSOR.decompress(data, max_output_size=size)
        except zstandard.ZstdError as error:
            raise DamagedBodyError(body_id, f"it does not decompress ({error})") from error
    elif codec != PLAIN:
        raise DamagedBodyError(body_id, f"it is encoded in an unknown way ({codec})")
    if len(data) != size or sha256(data) != digest:
        raise DamagedBodyError(body_id, "its bytes do not have the SHA-256 they were kept under")
    return bytes(data)
