"""A document's whole past on one sheet."""

from __future__ import annotations

from archive.questions.changes import changes
from archive.questions.source import Row, Source
from archive.versions import versions_of


def history(source: Source, document_id: int) -> Row:
    """A document's numbers, locations, versions and changes, as `history` gives it."""
    with source.asked():
        versions = versions_of(source.connection, document_id)
    kinds = _kinds(source, document_id)
    return {
        "index_number": versions[-1].fields.index_number,
        "numbers": [
            number
            for (number,) in source.rows(
                "SELECT number FROM document_numbers WHERE document_id = ? ORDER BY number",
                (document_id,),
            )
        ],
        "locations": [
            {
                "url": url,
                "status": status,
                "first_seen": source.iso(first),
                "last_seen": source.iso(last),
            }
            for url, status, first, last in source.rows(
                """SELECT url, status, first_seen_ms, last_seen_ms FROM locations
                   WHERE document_id = ? ORDER BY id""",
                (document_id,),
            )
        ],
        "versions": [
            {
                "version": one.number,
                "captured_at": source.iso(one.at_ms),
                "url": source.address(one.location_id),
                "content_sha256": one.content_sha256.hex(),
                "validity": one.fields.validity.value,
                "changes": kinds.get(one.number, []),
            }
            for one in versions
        ],
        "changes": list(changes(source, document_id=document_id)),
    }


def _kinds(source: Source, document_id: int) -> dict[int, list[str]]:
    """The kinds of change that each version brought, by its number."""
    kinds: dict[int, list[str]] = {}
    for number, kind in source.rows(
        """SELECT version, kind FROM changes
           WHERE document_id = ? AND version_digest IS NOT NULL ORDER BY seq""",
        (document_id,),
    ):
        kinds.setdefault(number, []).append(kind)
    return kinds
