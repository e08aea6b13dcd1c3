"""Bodies: the bytes of pages and attachments, addressed by their SHA-256 (R16).

What a body is stands in `bodies` and never changes. How it is stored stands in `encodings`, where
another encoding may take the place of one. docs/storage.md says how to read them without yange.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from archive.canonical import sha256
from archive.errors import YangeError
from archive.storage import dictionaries
from archive.storage.compression import CompressionError, Prefix, compress, decompress
from archive.storage.dictionaries import DamagedDictionaryError

# Twice as fast as what packs tighter; doing so is work for an idle hour (`compact`).
_LEVEL = 3

PLAIN = "plain"
ZSTD = "zstd"
# Below this, compressed data is not worth a decompression on every read (archives, JPEG, PDF).
_WORTHWHILE = 0.95
MOST_BASES = 10
"""How many bodies have to be decompressed, at most, before the one that is asked for."""
# A chain of bases never becomes so long; one that does is damaged.
_ENDLESS = 4 * MOST_BASES


class DamagedBodyError(YangeError):
    """The stored encoding of a body does not give the body back."""

    def __init__(self, body_id: int, why: str) -> None:
        super().__init__(f"body {body_id} is damaged: {why}")
        self.body_id = body_id


class Encoding(NamedTuple):
    """One way of storing a body: as it is (`plain`), or compressed (`zstd`).

    What it is compressed against is the dictionary followed by the base, another body; either may
    be None. `is_final` where nothing is to be gained by packing it again.
    """

    codec: str
    data: bytes
    dictionary_id: int | None = None
    base_id: int | None = None
    is_final: bool = False


class Encoded(NamedTuple):
    """A body ready to be stored by itself: its identity and its encoding."""

    sha256: bytes
    size: int
    encoding: Encoding


class Link(NamedTuple):
    """A body with the encoding that it is read from."""

    body_id: int
    sha256: bytes
    size: int
    encoding_id: int
    codec: str
    dictionary_id: int | None
    dictionary_sha256: bytes | None
    base_id: int | None
    data: bytes


def find_body(connection: sqlite3.Connection, digest: bytes) -> int | None:
    """The id of the body with this SHA-256, or None."""
    row = connection.execute("SELECT id FROM bodies WHERE sha256 = ?", (digest,)).fetchone()
    return row[0] if row else None


def encode(body: bytes, digest: bytes | None = None) -> Encoded:
    """Hash (unless its SHA-256 is given) and compress `body` by itself."""
    return Encoded(digest or sha256(body), len(body), alone(body, compress(body, _LEVEL)))


def alone(body: bytes, packed: bytes) -> Encoding:
    """The encoding of a body that refers to nothing else; `packed` is the body compressed."""
    if len(packed) < len(body) * _WORTHWHILE:
        return Encoding(ZSTD, packed)
    return Encoding(PLAIN, body, is_final=True)


def keep_body(connection: sqlite3.Connection, encoded: Encoded) -> int:
    """Store a body within the caller's transaction, once; its id."""
    known = find_body(connection, encoded.sha256)
    return known or add_body(connection, encoded.sha256, encoded.size, encoded.encoding)


def keep_encoding(connection: sqlite3.Connection, body_id: int, encoded: Encoded) -> None:
    """Store the first encoding of a body, also in a file with the first schema: as imports do."""
    connection.execute(
        "INSERT INTO encodings (body_id, codec, data) VALUES (?, ?, ?)",
        (body_id, encoded.encoding.codec, encoded.encoding.data),
    )


def add_body(connection: sqlite3.Connection, digest: bytes, size: int, encoding: Encoding) -> int:
    """Store a body that is not known yet within the caller's transaction; its id."""
    cursor = connection.execute("INSERT INTO bodies (sha256, bytes) VALUES (?, ?)", (digest, size))
    body_id = cursor.lastrowid
    assert body_id is not None
    add_encoding(connection, body_id, encoding)
    return body_id


def add_encoding(connection: sqlite3.Connection, body_id: int, encoding: Encoding) -> None:
    """Store another encoding of a body: the one that it is read from now on."""
    connection.execute(
        """INSERT INTO encodings (body_id, codec, dictionary_id, base_id, is_final, data)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (
            body_id,
            encoding.codec,
            encoding.dictionary_id,
            encoding.base_id,
            encoding.is_final,
            encoding.data,
        ),
    )


def read_body(connection: sqlite3.Connection, body_id: int) -> bytes:
    """The bytes of a body as they were received.

    The SHA-256 is recomputed on every read: handing out wrong bytes in silence would be worse than
    the tenth of a millisecond. Raises DamagedBodyError.
    """
    links = chain(connection, body_id)
    body = b""
    for link in reversed(links):
        try:
            body = _decoded(connection, link, body)
        except (CompressionError, DamagedDictionaryError) as error:
            raise DamagedBodyError(body_id, _blame(link, body_id, error)) from error
        if sha256(body) != link.sha256:
            why = "its bytes do not have the SHA-256 they were kept under"
            raise DamagedBodyError(body_id, _blame(link, body_id, why))
    return body


def chain(connection: sqlite3.Connection, body_id: int) -> list[Link]:
    """A body, its base, the base's base and so on, each with the encoding it is read from.

    Raises DamagedBodyError where the chain does not come to an end.
    """
    links: list[Link] = []
    wanted: int | None = body_id
    while wanted is not None:
        row = connection.execute(
            """SELECT bodies.id, bodies.sha256, bodies.bytes, encodings.id, codec, dictionary_id,
                   dictionaries.sha256, base_id, encodings.data
               FROM bodies JOIN encodings ON encodings.body_id = bodies.id
               LEFT JOIN dictionaries ON dictionaries.id = dictionary_id
               WHERE bodies.id = ? ORDER BY encodings.id DESC LIMIT 1""",
            (wanted,),
        ).fetchone()
        if row is None:
            why = "nothing is stored of it"
            if wanted != body_id:
                why = f"nothing is stored of body {wanted}, which it is encoded against"
            raise DamagedBodyError(body_id, why)
        links.append(Link(*row))
        wanted = links[-1].base_id
        if len(links) > _ENDLESS:
            raise DamagedBodyError(body_id, "the bodies that it is encoded against never end")
    return links


def _decoded(connection: sqlite3.Connection, link: Link, base: bytes) -> bytes:
    if link.codec == PLAIN:
        return bytes(link.data)
    if link.codec != ZSTD:
        raise CompressionError(f"it is encoded in an unknown way ({link.codec})")
    prefix: Prefix | bytes = b"" if link.base_id is None else base
    if link.dictionary_id is not None:
        if link.dictionary_sha256 is None:
            raise DamagedDictionaryError(link.dictionary_id, "it is missing")
        dictionary = dictionaries.prefix_of(connection, link.dictionary_id, link.dictionary_sha256)
        prefix = dictionary if link.base_id is None else dictionary.content + base
    return decompress(link.data, link.size, prefix)


def _blame(link: Link, body_id: int, why: object) -> str:
    """What is wrong, and with which body if it is one that this one rests on."""
    return str(why) if link.body_id == body_id else f"{why} (body {link.body_id}, its base)"
