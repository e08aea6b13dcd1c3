"""How readings are stored: what a reader made of a page against the page itself.

Nearly all that a reading says stands on its page, so a location's first reading is compressed
against that. A later one is compressed against the reading before it. Both take up next to nothing.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from archive.bodies import DamagedBodyError, read_body
from archive.canonical import sha256
from archive.errors import YangeError
from archive.storage import dictionaries
from archive.storage.compression import CompressionError, compress, decompress
from archive.storage.dictionaries import DamagedDictionaryError

# Level 6 packs a first reading into 280 bytes instead of 320, in a tenth of a millisecond.
_LEVEL = 6
_ALONE = "zstd"
_WITH_PAGE = "zstd-page"
MOST_BASES = 10
"""How many readings have to be decompressed, at most, before the one that is asked for."""

# What all readings have in common: the JSON of one that says nothing.
_COMMON = (
    b'{"attachments":[],"fields":{"category":null,"document_number":null,"index_number":null,'
    b'"issuing_agency":null,"published_at":null,"repealed_on":null,"summary":null,"title":"",'
    b'"validity":"unknown","validity_label":null,"written_on":null},"has_metadata":true,'
    b'"metadata":[],"nature":"document","problems":[],"reader":"","reason":"","text":""}'
)


class DamagedReadingError(YangeError):
    """What is stored as a reading is none."""

    def __init__(self, why: str) -> None:
        super().__init__(f"a stored reading is damaged ({why}); `yange verify` names what is")


class StoredText(NamedTuple):
    """A reading's JSON as it is stored, by the columns of `readings`."""

    codec: str
    dictionary_id: int | None
    base_id: int | None
    data: bytes


def alone(content: bytes) -> bytes:
    """A reading's JSON compressed by itself, as imports and the first schema have it."""
    return compress(content, _LEVEL)


def unpacked(data: bytes) -> bytes:
    """What `alone` compressed."""
    return decompress(data, None)


def store(
    connection: sqlite3.Connection, content: bytes, page: bytes, former: int | None
) -> StoredText:
    """Compress a reading's JSON, within the caller's transaction.

    `page` is what it was made of, `former` the reading before it at its location.
    """
    if former is not None:
        try:
            base, bases = _load(connection, former)
        except DamagedReadingError:
            bases = MOST_BASES
        if bases < MOST_BASES:
            return StoredText(_ALONE, None, former, compress(content, _LEVEL, base))
    common = _common(connection)
    prefix = dictionaries.prefix_of(connection, common.id, common.sha256).content + page
    return StoredText(_WITH_PAGE, common.id, None, compress(content, _LEVEL, prefix))


def load(connection: sqlite3.Connection, reading_id: int) -> bytes:
    """The JSON of a reading. Raises DamagedReadingError."""
    return _load(connection, reading_id)[0]


def _load(connection: sqlite3.Connection, reading_id: int) -> tuple[bytes, int]:
    """The JSON of a reading, and how many readings it rests on."""
    rows = []
    wanted: int | None = reading_id
    while wanted is not None:
        row = connection.execute(
            "SELECT codec, dictionary_id, base_id, data, body_id FROM readings WHERE id = ?",
            (wanted,),
        ).fetchone()
        if row is None:
            raise DamagedReadingError(f"reading {wanted} is missing")
        rows.append(row)
        wanted = row[2]
        if len(rows) > 4 * MOST_BASES:
            raise DamagedReadingError("the readings that it is encoded against never end")
    content = b""
    try:
        for codec, dictionary_id, _, data, body_id in reversed(rows):
            prefix = content
            if dictionary_id is not None:
                prefix = dictionaries.read_ready(connection, dictionary_id).content + prefix
            if codec == _WITH_PAGE:
                prefix += read_body(connection, body_id)
            elif codec != _ALONE:
                raise DamagedReadingError(f"it is encoded in an unknown way ({codec})")
            content = decompress(data, None, prefix)
    except (CompressionError, DamagedBodyError, DamagedDictionaryError) as error:
        raise DamagedReadingError(str(error)) from error
    return content, len(rows) - 1


def _common(connection: sqlite3.Connection) -> dictionaries.Dictionary:
    """The dictionary with what all readings have in common, made where there is none."""
    digest = sha256(_COMMON)
    for one in dictionaries.of_host(connection, None, None, limit=1):
        if one.sha256 == digest:
            return one
    return dictionaries.add(connection, _COMMON, portal=None, host=None, pages=0, level=_LEVEL)
