"""Readings kept beside the bytes they were made of, and made again when the reader has changed.

A reading carries its reader and is appended, never replaced. Whatever is compared is compared in
the words of one reader: what stands there by an older one is read again from the stored bytes, so
that our change is never taken for theirs (R12).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import orjson

from archive.bodies import read_body
from archive.canonical import as_object, canonical_json, sha256
from archive.fields import Fields, Validity
from archive.reading import LinkedFile, Nature, Reader, Reading
from archive.storage import texts
from archive.storage.texts import DamagedReadingError

__all__ = ["DamagedReadingError"]


_REMEMBERED = 16


class Readers(Protocol):
    """The readers that an archive was handed."""

    def current(self, portal: str) -> Reader:
        """The reader that this portal's pages are read with now."""

    def restore(self, name: str, settings: str) -> Reader | None:
        """The reader of that name again, or None where this yange no longer has it."""


class Page(NamedTuple):
    """A stored body at a place: what a reading is made of."""

    body_id: int
    location_id: int
    url: str
    content_type: str


class StoredReading(NamedTuple):
    """A reading with the id it is kept under."""

    id: int
    reading: Reading


class Readings:
    """The readings of one archive, through one connection.

    Methods that add rows do so within the caller's transaction, or in one statement of their own.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # Recording a page looks several times at what stood there before.
        self._loaded: dict[int, Reading] = {}

    def add(
        self,
        page: Page,
        reading: Reading,
        reader: Reader,
        *,
        body: bytes,
        before: int | None = None,
    ) -> int:
        """Keep a reading; the id of the one that is there already for the same page and reader.

        `body` are the page's bytes, `before` is what stood at the location before them.
        """
        reader_id = self._reader_id(reader)
        known = self._find(page, reader_id)
        if known is not None:
            return known
        former = self._connection.execute(
            "SELECT max(id) FROM readings WHERE body_id IN (?, ?) AND location_id = ?",
            (page.body_id, before, page.location_id),
        ).fetchone()[0]
        stored = texts.store(self._connection, pack(reading), body, former)
        # The id of one that was rolled back can be given again.
        self._loaded.clear()
        cursor = self._connection.execute(
            """INSERT INTO readings
               (body_id, location_id, content_type, reader_id, codec, dictionary_id, base_id, data)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (page.body_id, page.location_id, page.content_type, reader_id, *stored),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def by(self, reader: Reader, page: Page) -> StoredReading:
        """What `reader` makes of a stored page: as kept, else read again and kept.

        Raises DamagedBodyError.
        """
        known = self.recall(reader.name, page)
        if known is not None:
            return known
        body = read_body(self._connection, page.body_id)
        reading = reader.read(body, url=page.url, content_type=page.content_type)
        return StoredReading(self.add(page, reading, reader, body=body), reading)

    def recall(self, reader_name: str, page: Page) -> StoredReading | None:
        """The kept reading of a stored page by the reader of that name, or None."""
        row = self._connection.execute(
            """SELECT readings.id FROM readings JOIN readers ON readers.id = reader_id
               WHERE body_id = ? AND location_id = ? AND content_type = ? AND name = ?""",
            (page.body_id, page.location_id, page.content_type, reader_name),
        ).fetchone()
        return StoredReading(row[0], self.load(row[0])) if row else None

    def load(self, reading_id: int) -> Reading:
        """The reading kept under that id. Raises DamagedReadingError."""
        if reading_id not in self._loaded:
            if len(self._loaded) >= _REMEMBERED:
                self._loaded.clear()
            self._loaded[reading_id] = unpack(texts.load(self._connection, reading_id))
        return self._loaded[reading_id]

    def _find(self, page: Page, reader_id: int) -> int | None:
        row = self._connection.execute(
            """SELECT id FROM readings
               WHERE body_id = ? AND location_id = ? AND content_type = ? AND reader_id = ?""",
            (page.body_id, page.location_id, page.content_type, reader_id),
        ).fetchone()
        return row[0] if row else None

    def _reader_id(self, reader: Reader) -> int:
        row = self._connection.execute(
            "SELECT id FROM readers WHERE name = ?", (reader.name,)
        ).fetchone()
        if row:
            return int(row[0])
        cursor = self._connection.execute(
            "INSERT INTO readers (name, settings) VALUES (?, ?)", (reader.name, reader.settings)
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid


def page_of(connection: sqlite3.Connection, reading_id: int) -> Page:
    """The stored page that a kept reading was made of."""
    row = connection.execute(
        """SELECT readings.body_id, readings.location_id, url, content_type
           FROM readings JOIN locations ON locations.id = readings.location_id
           WHERE readings.id = ?""",
        (reading_id,),
    ).fetchone()
    return Page(*row)


def as_json(connection: sqlite3.Connection, reading_id: int) -> dict[str, Any]:
    """The JSON object of a kept reading. Raises DamagedReadingError."""
    return _object(texts.load(connection, reading_id))


def pack_json(value: object) -> bytes:
    """The JSON object of a reading compressed by itself, as an import keeps it."""
    return texts.alone(canonical_json(value))


def content_sha256(connection: sqlite3.Connection, reading_id: int) -> bytes:
    """SHA-256 of a kept reading's canonical JSON. Raises DamagedReadingError."""
    return sha256(texts.load(connection, reading_id))


def pack(reading: Reading) -> bytes:
    """A reading as canonical JSON."""
    value = {
        **as_object(reading),
        "fields": as_object(reading.fields),
        "attachments": [as_object(one) for one in reading.attachments],
    }
    return canonical_json(value)


def unpack(data: bytes) -> Reading:
    """The reading that `pack` made `data` of. Raises DamagedReadingError."""
    return read_object(_object(data))


def read_object(value: Mapping[str, Any]) -> Reading:
    """The reading that a JSON object as `pack` makes it stands for."""
    fields = value["fields"]
    return Reading(
        reader=value["reader"],
        nature=Nature(value["nature"]),
        reason=value["reason"],
        fields=Fields(**{**fields, "validity": Validity(fields["validity"])}),
        text=value["text"],
        attachments=tuple(LinkedFile(**one) for one in value["attachments"]),
        metadata=tuple((label, text) for label, text in value["metadata"]),
        problems=tuple(value["problems"]),
        has_metadata=value["has_metadata"],
    )


def _object(data: bytes) -> dict[str, Any]:
    try:
        value: dict[str, Any] = orjson.loads(data)
    except ValueError as error:
        raise DamagedReadingError(str(error)) from error
    return value
