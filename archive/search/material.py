"""What of a version is searched."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from archive.attachments.texts import AttachmentTexts
from archive.readings import DamagedReadingError, Readings
from archive.search.matching import Field
from archive.standing import completed_attachments
from archive.versions import COLUMNS, Version, from_row

_STATED = ("title", "document_number", "index_number", "issuing_agency", "summary")


def fields_of(readings: Readings, version: Version) -> list[Field]:
    """The values in which words are looked for, each under its field's name, the best first."""
    stated = ((name, getattr(version.fields, name)) for name in _STATED)
    fields = [(name, value) for name, value in stated if value]
    # Whoever looks for something else is not to be kept from it; `verify` names the damage.
    with suppress(DamagedReadingError):
        fields.append(("text", readings.load(version.reading_id).text))
    fields += [("attachments", one.name) for one in version.attachments]
    return fields


def files_of(
    connection: sqlite3.Connection, texts: AttachmentTexts, version: Version
) -> list[Field]:
    """What a version's attachments say, as further values."""
    return [
        ("attachment_text", text)
        for one in completed_attachments(connection, version)
        if one.sha256 is not None and (text := texts.text(bytes.fromhex(one.sha256)))
    ]


def versions_until(
    connection: sqlite3.Connection, document_id: int, version_id: int
) -> list[Version]:
    """A document's versions up to the one of that id, oldest first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM versions WHERE document_id = ? AND id <= ? ORDER BY number",
        (document_id, version_id),
    )
    return [from_row(row) for row in rows.fetchall()]
