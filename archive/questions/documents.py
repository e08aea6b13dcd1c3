"""Documents: as a row, as one version of theirs with its text, and as the bytes of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from archive.bodies import read_body
from archive.capture import Outcome
from archive.choosing import chosen
from archive.errors import NotFoundError
from archive.listing import document_row
from archive.questions.source import HIGHEST_ID, Row, Source
from archive.revision import attachment_as_json
from archive.selection import Order, Selection
from archive.standing import completed_attachments
from archive.versions import Version, current_version, version_of, versions_of

if TYPE_CHECKING:
    from archive.attachments.texts import AttachmentTexts
    from archive.search.finding import Search
    from archive.search.matching import Hit


class Raw(NamedTuple):
    """The bytes of a version's page, and the Content-Type that they came with."""

    portal: str
    body: bytes
    content_type: str


class File(NamedTuple):
    """The bytes of an attachment: what it was called, where it was, and the type it came with."""

    name: str
    url: str
    media_type: str
    body: bytes


class Result(NamedTuple):
    """A document that a search found: its row in the list, and where the words stand in it.

    `document` is the archive's number for it; what has a lower `rank` is found better.
    """

    row: Row
    hits: tuple[Hit, ...]
    document: int
    rank: int

    def as_json(self) -> Row:
        """The result as a row of `search`."""
        return {**self.row, "hits": [hit.as_json() for hit in self.hits]}


def listed(source: Source, selection: Selection, limit: int | None, offset: int) -> Iterator[Row]:
    """The documents that match, by portal and newest published first, as rows of `list`."""
    end = None if limit is None else offset + limit
    with source.asked():
        pairs = list(islice(chosen(source.connection, selection, Order.BY_PORTAL), offset, end))
    for document_id, version_id in pairs:
        version = version_of(source.connection, version_id)
        yield _row(source, document_id, version, selection.as_of_ms)


def browsed(
    source: Source, selection: Selection, order: Order, limit: int, offset: int
) -> list[tuple[int, Row]]:
    """The documents that match, in an order: the archive's number for each, and its row."""
    offset = min(offset, HIGHEST_ID)
    if selection.as_of_ms is None:
        query, values = selection.select(order)
        pairs = source.rows(
            f"{query} LIMIT :limit OFFSET :offset", {**values, "limit": limit, "offset": offset}
        )
    else:
        with source.asked():
            pairs = [*islice(chosen(source.connection, selection, order), offset, offset + limit)]
    return [
        (
            document_id,
            _row(
                source, document_id, version_of(source.connection, version_id), selection.as_of_ms
            ),
        )
        for document_id, version_id in pairs
    ]


def count(source: Source, selection: Selection) -> int:
    """How many documents match."""
    query, values = selection.select(Order.BY_PORTAL)
    return int(source.rows(f"SELECT count(*) FROM ({query})", values)[0][0])


def row(source: Source, document_id: int) -> Row:
    """A document, as it is listed now."""
    version = current_version(source.connection, document_id)
    return _row(source, document_id, version, None)


def results(source: Source, search: Search, as_of_ms: int | None) -> Iterator[Result]:
    """What a search finds, with the rows of the documents."""
    with source.asked():
        for found in search:
            row = _row(source, found.document_id, found.standing, as_of_ms)
            row = {**row, "version": found.version.number}
            yield Result(row, found.match.hits, found.document_id, found.match.rank)


def version_chosen(
    source: Source, document_id: int, index: str | int, number: int | None, as_of_ms: int | None
) -> Version:
    """The version of that number, else the last one captured until a moment, else the newest.

    `index` is what the document was asked for by, for the NotFoundError where it has none such.
    """
    with source.asked():
        versions = versions_of(source.connection, document_id)
    if number is not None:
        versions = [one for one in versions if one.number == number]
        if not versions:
            raise NotFoundError(f"{index} has no version {number}; see `yange history {index}`")
    elif as_of_ms is not None:
        first = versions[0]
        versions = [one for one in versions if one.at_ms <= as_of_ms]
        if not versions:
            raise NotFoundError(
                f"{index} was not in the archive then; it was first seen {source.iso(first.at_ms)}"
            )
    return versions[-1]


def sheet(source: Source, version: Version, as_of_ms: int | None) -> Row:
    """A version with its text and attachments, as `show` gives it."""
    reading = source.readings.load(version.reading_id)
    return {
        **_row(source, version.document_id, version, as_of_ms),
        "version": version.number,
        "captured_at": source.iso(version.at_ms),
        "confirmed_at": source.iso(_confirmed_ms(source, version)),
        "text": reading.text,
        "content_sha256": version.content_sha256.hex(),
        "attachments": [
            attachment_as_json(one) for one in completed_attachments(source.connection, version)
        ],
    }


def add_texts(shown: Row, texts: AttachmentTexts, *, with_content: bool) -> None:
    """Add to a sheet, for each attachment, whether its text could be read; or the text itself."""
    for one in shown["attachments"]:
        found = texts.get(bytes.fromhex(one["sha256"])) if one["sha256"] else None
        one["text"] = found.as_json(with_content=with_content) if found else None


def raw(source: Source, version: Version) -> Raw:
    """The bytes of a version's page as they were received."""
    portal, body_id, content_type = source.rows(
        """SELECT portal, body_id, content_type FROM readings
           JOIN locations ON locations.id = location_id WHERE readings.id = ?""",
        (version.reading_id,),
    )[0]
    return Raw(portal, read_body(source.connection, body_id), content_type)


def file(source: Source, version: Version, place: int) -> File:
    """The bytes of a version's attachment, the first one being 1."""
    with source.asked():
        attachments = completed_attachments(source.connection, version)
    if not 1 <= place <= len(attachments):
        raise NotFoundError(f"that version has no attachment {place}; it has {len(attachments)}")
    one = attachments[place - 1]
    if one.sha256 is None:
        raise NotFoundError(f"the bytes of {one.name} are not held")
    body_id = source.rows("SELECT id FROM bodies WHERE sha256 = ?", (bytes.fromhex(one.sha256),))
    with source.asked():
        return File(one.name, one.url, one.media_type, read_body(source.connection, body_id[0][0]))


def _row(source: Source, document_id: int, version: Version, as_of_ms: int | None) -> Row:
    with source.asked():
        return document_row(source.connection, source.zone, document_id, version, as_of_ms)


def _confirmed_ms(source: Source, version: Version) -> int:
    """When the location of a version last showed it: before the next version was seen."""
    row = source.rows(
        """SELECT max(at_ms) FROM captures WHERE location_id = :location AND id >= :capture
           AND outcome IN (:document, :unchanged) AND id < coalesce(
             (SELECT min(capture_id) FROM versions
              WHERE document_id = :id AND number > :number AND capture_id > :capture),
             9223372036854775807)""",
        {
            "location": version.location_id,
            "capture": version.capture_id,
            "document": Outcome.DOCUMENT,
            "unchanged": Outcome.UNCHANGED,
            "id": version.document_id,
            "number": version.number,
        },
    )[0]
    return int(row[0] or version.at_ms)
