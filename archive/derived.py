"""Whether what yange knows at the moment follows from what was recorded (R17).

Working rows change with every crawl, so nothing commits to them. Those that decide what a reader
is told (which version is current, whether a document is withdrawn, which numbers it goes by) can
be derived from the ledger and the versions, and are held against them here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import chain

from archive.errors import YangeError
from archive.numbers import parts_of
from archive.readings import Readings

# A statement finds documents, with what is wrong with each in a sentence.
_RULES = {
    """SELECT id FROM documents AS one WHERE current_version_id IS NOT
       (SELECT id FROM versions WHERE document_id = one.id ORDER BY number DESC LIMIT 1)
    """: "its current version is not its newest",
    """SELECT document_id FROM versions GROUP BY document_id
       HAVING min(number) <> 1 OR max(number) <> count(*)
    """: "its versions are not numbered from 1 without gaps",
    """SELECT id FROM documents AS one WHERE merged_into IS NULL AND withdrawn <> coalesce(
       (SELECT kind = 'withdrawn' FROM changes WHERE document_id = one.id
        AND kind IN ('withdrawn', 'restored') ORDER BY seq DESC LIMIT 1), 0)
    """: "whether it is withdrawn is not what the ledger says",
    """SELECT documents.id FROM documents
       JOIN versions ON versions.document_id = documents.id AND number = 1
       JOIN locations ON locations.id = location_id
       WHERE documents.first_seen_ms <> at_ms OR documents.portal <> locations.portal
    """: "when or where it was first seen is not what its first version says",
    """SELECT id FROM documents AS one WHERE (merged_into IS NULL) <> EXISTS
       (SELECT 1 FROM locations WHERE document_id = one.id)
    """: "it has no location, or is said to be another document and has one",
    """SELECT versions.document_id FROM versions JOIN locations ON locations.id = location_id
       JOIN documents ON documents.id = versions.document_id
       WHERE locations.document_id IS NOT coalesce(merged_into, documents.id)
    """: "a location of one of its versions is not its own",
    """SELECT changes.document_id FROM changes JOIN documents ON documents.id = changes.document_id
       JOIN locations ON locations.url = after AND locations.portal = changes.portal
       WHERE kind = 'relocated'
       AND locations.document_id IS NOT coalesce(merged_into, documents.id)
    """: "a location at which the ledger has it is not its own",
    """SELECT coalesce(merged_into, documents.id) FROM versions
       JOIN documents ON documents.id = versions.document_id
       WHERE index_number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM document_numbers AS known
           WHERE known.number = index_number
           AND known.document_id = coalesce(merged_into, documents.id))
    """: "it is not found by a number that it had",
}


def derived_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Name each document whose working rows do not follow from what was recorded of it."""
    for statement, sentence in (*_RULES.items(), _as_listed(connection)):
        for (document_id,) in connection.execute(f"SELECT DISTINCT * FROM ({statement})"):
            yield f"document {document_id}: {sentence}"
    yield from _surplus_numbers(connection)
    yield from _serials(connection)


def _as_listed(connection: sqlite3.Connection) -> tuple[str, str]:
    """The rule for the fields of current versions that `documents` repeats, for fast lists."""
    repeated = [
        f"documents.{column} IS NOT versions.{column.removeprefix('current_')}"
        for (column,) in connection.execute("SELECT name FROM pragma_table_info('documents')")
        if column.startswith("current_") and column != "current_version_id"
    ]
    return (
        f"""SELECT documents.id FROM documents JOIN versions ON versions.id = current_version_id
            WHERE merged_into IS NULL AND ({" OR ".join(repeated) or 0})""",
        "it is not listed as its current version has it",
    )


def _surplus_numbers(connection: sqlite3.Connection) -> Iterator[str]:
    """Numbers that lead to a document which never had them."""
    readings = Readings(connection)
    for number, document_id in connection.execute(
        """SELECT known.number, coalesce(merged_into, documents.id)
           FROM document_numbers AS known JOIN documents ON documents.id = document_id
           WHERE NOT EXISTS (SELECT 1 FROM versions
                             WHERE document_id = known.document_id AND index_number = known.number)
        """
    ):
        if not _is_stated(connection, readings, number, document_id):
            yield f"document {document_id}: it is found by {number}, a number that it never had"


def _is_stated(
    connection: sqlite3.Connection, readings: Readings, number: str, document_id: int
) -> bool:
    """Whether some page of the document states this number; a further copy's makes no version."""
    for (reading_id,) in connection.execute(
        """SELECT readings.id FROM readings JOIN locations ON locations.id = location_id
           WHERE document_id = ?""",
        (document_id,),
    ):
        try:
            if readings.load(reading_id).fields.index_number == number:
                return True
        except YangeError:
            continue  # named already
    return False


def _serials(connection: sqlite3.Connection) -> Iterator[str]:
    rows = connection.execute(
        """SELECT document_id, number, NULL FROM document_numbers
           UNION ALL SELECT document_id, NULL, serial FROM serials ORDER BY document_id"""
    )
    document, expected, found = 0, set[str](), set[str]()
    for document_id, number, serial in chain(rows, [(0, None, None)]):
        if document_id != document:
            if expected != found:
                yield f"document {document}: its serials are not those of its numbers"
            document, expected, found = document_id, set(), set()
        if serial is not None:
            found.add(serial)
        elif number is not None and (parts := parts_of(number)) is not None:
            expected.add(parts.serial)
