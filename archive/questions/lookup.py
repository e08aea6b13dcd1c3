"""Which document, or which locations, a person means by a number or an address."""

from __future__ import annotations

from archive.errors import AmbiguousError, NotFoundError
from archive.locations import location_key
from archive.numbers import normalise_index_number
from archive.places import Status, places_of
from archive.questions.source import HIGHEST_ID, Source
from archive.versions import versions_of

# The portals that have locations, each found in the index of those without reading the others: with
# them a location is looked up by its key alone.
PORTALS = """WITH RECURSIVE portals (portal) AS (
    SELECT min(portal) FROM locations UNION ALL
    SELECT (SELECT min(portal) FROM locations WHERE portal > portals.portal)
    FROM portals WHERE portal IS NOT NULL)"""
"""Before a query, names those portals."""


def find(source: Source, index: str | int) -> int:
    """The document that goes, or went, by a number, or is or was at an address.

    A whole number is the archive's own for a document, or for what turned out to be that.
    """
    if isinstance(index, int):
        return _by_id(source, index)
    if _is_address(index.strip().lower()):
        rows = source.rows(
            f"""{PORTALS} SELECT DISTINCT document_id FROM locations
                WHERE portal IN portals AND key = :key AND document_id IS NOT NULL
                AND (:portal IS NULL OR portal = :portal)""",
            {"key": location_key(index), "portal": source.portal},
        )
    else:
        number = normalise_index_number(index)
        rows = source.rows(
            """SELECT DISTINCT coalesce(merged_into, documents.id) FROM document_numbers
               JOIN documents ON documents.id = document_id
               WHERE number = :number AND (:portal IS NULL OR portal = :portal)""",
            {"number": number, "portal": source.portal},
        )
    if not rows:
        raise NotFoundError(f"no document in the archive goes by {index}")
    if len(rows) > 1:
        raise AmbiguousError(index, [_candidate(source, row[0]) for row in rows])
    return int(rows[0][0])


def recorded(source: Source, index: str | int) -> int:
    """As `find`, but the archive's own number names the document that was recorded under it.

    Its versions keep their numbers, and links to them what they led to, also after it has turned
    out to be another document.
    """
    if not isinstance(index, int):
        return find(source, index)
    if not source.rows("SELECT 1 FROM documents WHERE id = ?", (min(index, HIGHEST_ID),)):
        raise NotFoundError(f"there is no document {index} in the archive")
    return index


def _by_id(source: Source, document_id: int) -> int:
    known = source.rows(
        "SELECT coalesce(merged_into, id) FROM documents WHERE id = ?",
        (min(document_id, HIGHEST_ID),),
    )
    if not known:
        raise NotFoundError(f"there is no document {document_id} in the archive")
    return int(known[0][0])


def addresses(source: Source, index: str) -> list[str]:
    """The locations to ask for to see a document again; an unknown address is its own."""
    try:
        document_id = find(source, index)
    except NotFoundError:
        if _is_address(index):
            return [index]
        raise
    places = places_of(source.connection, document_id)
    return [place.url for place in places if place.status != Status.MOVED]


def locations(source: Source, index: str) -> list[int]:
    """The ids of a document's locations, or of those at an address at which there is none."""
    try:
        return [place.id for place in places_of(source.connection, find(source, index))]
    except NotFoundError:
        if not _is_address(index.strip().lower()):
            raise
    rows = source.rows(
        f"{PORTALS} SELECT id FROM locations WHERE portal IN portals AND key = ?",
        (location_key(index),),
    )
    if not rows:
        raise NotFoundError(f"{index} has never been asked for")
    return [location_id for (location_id,) in rows]


def _is_address(index: str) -> bool:
    return index.startswith(("http://", "https://"))


def _candidate(source: Source, document_id: int) -> tuple[str, str]:
    with source.asked():
        version = versions_of(source.connection, document_id)[-1]
        places = places_of(source.connection, document_id)
    return (places[0].url if places else ""), version.fields.title
