"""What the present readers would make otherwise of the pages that were recorded (R12).

Asked, not acted upon: nothing is kept of it, and no version and no change comes of it. What differs
here is a difference between readers, over bytes that are the same.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archive.bodies import DamagedBodyError, read_body
from archive.comparison import Attachment
from archive.places import state_of, unpack_attachments
from archive.reading import Nature, Reading
from archive.readings import DamagedReadingError, Page, Readers, Readings, page_of
from archive.revision import Comparison, compare_states
from archive.standing import completed_attachments
from archive.versions import Version, current_version

_DOCUMENTS_AT_A_TIME = 200
_ON_RECORD = "portal = ? AND merged_into IS NULL AND current_version_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class PageReread:
    """One page in the words of two readers: the one that it was recorded with, and the present.

    `version` is the number of the current version if that was made of this page, else None: then
    it is what the location showed last. `judged` is what either reader takes the page for, where
    they do not agree on it.
    """

    url: str
    version: int | None
    readers: tuple[str, str]
    judged: tuple[str, str] | None
    comparison: Comparison

    def differs(self) -> Iterator[str]:
        """What would be read differently: `nature`, fields by name, `text`, `attachments`."""
        if self.judged is not None:
            yield "nature"
        yield from (one.field for one in self.comparison.fields if one.field is not None)
        if any(line.op != "equal" for line in self.comparison.text):
            yield "text"
        if self.comparison.attachments:
            yield "attachments"

    def as_json(self) -> dict[str, object]:
        """A page in the JSON of `reread`."""
        return {
            "url": self.url,
            "version": self.version,
            "reader": dict(zip(("before", "after"), self.readers, strict=True)),
            "nature": self.judged and dict(zip(("before", "after"), self.judged, strict=True)),
            **self.comparison.as_json(),
        }


@dataclass(frozen=True, slots=True)
class DocumentReread:
    """A document with the pages of it that would be read differently, and those that are damaged.

    `damage` are sentences.
    """

    portal: str
    index_number: str | None
    title: str
    pages: tuple[PageReread, ...]
    damage: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """A document in the JSON of `reread`."""
        return {
            "portal": self.portal,
            "index_number": self.index_number,
            "title": self.title,
            "pages": [page.as_json() for page in self.pages],
            "damage": list(self.damage),
        }


@dataclass(slots=True)
class Tally:
    """How many documents and pages were read again, and how many documents differ in what."""

    documents: int = 0
    pages: int = 0
    different: int = 0
    damaged: int = 0
    by_field: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The figures in the JSON of `reread`."""
        return {
            "documents": self.documents,
            "pages": self.pages,
            "same": self.documents - self.different - self.damaged,
            "different": self.different,
            "damaged": self.damaged,
            "by_field": dict(self.ranked()),
        }

    def ranked(self) -> list[tuple[str, int]]:
        """What would be read differently, the most frequent first."""
        return sorted(self.by_field.items(), key=lambda one: (-one[1], one[0]))


class _Recorded(NamedTuple):
    page: Page
    version: int | None
    reading_id: int
    attachments: tuple[Attachment, ...]


class Rereading:
    """One pass over the documents of some portals, through a read-only connection.

    Iterating yields the documents that would be read differently as they are found; `tally` counts
    all that have been passed. `progress` is told the portal, and how many of its documents are
    done of how many.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        readers: Readers,
        portals: Sequence[str],
        progress: Callable[[str, int, int], None],
    ) -> None:
        self._connection = connection
        self._readings = Readings(connection)
        self._readers = readers
        self._portals = portals
        self._progress = progress
        self.tally = Tally()

    def __iter__(self) -> Iterator[DocumentReread]:
        for portal in self._portals:
            for document_id in self._documents(portal):
                found = self._reread(portal, document_id)
                self.tally.documents += 1
                self.tally.damaged += bool(found.damage)
                self.tally.different += bool(found.pages and not found.damage)
                self.tally.by_field.update(
                    {name for page in found.pages for name in page.differs()}
                )
                if found.pages or found.damage:
                    yield found

    def _documents(self, portal: str) -> Iterator[int]:
        """Its documents in steps, so that no read transaction lasts as long as the pass."""
        [total] = self._connection.execute(
            f"SELECT count(*) FROM documents WHERE {_ON_RECORD}", (portal,)
        ).fetchone()
        done, last = 0, 0
        while True:
            rows = self._connection.execute(
                f"SELECT id FROM documents WHERE {_ON_RECORD} AND id > ? ORDER BY id LIMIT ?",
                (portal, last, _DOCUMENTS_AT_A_TIME),
            ).fetchall()
            if not rows:
                return
            for (last,) in rows:
                yield last
                done += 1
                self._progress(portal, done, total)

    def _reread(self, portal: str, document_id: int) -> DocumentReread:
        version = current_version(self._connection, document_id)
        pages, damage = [], []
        for recorded in self._recorded(document_id, version):
            self.tally.pages += 1
            try:
                page = self._compared(portal, recorded)
            except (DamagedBodyError, DamagedReadingError) as error:
                damage.append(f"{recorded.page.url}: {error}")
                continue
            if any(page.differs()):
                pages.append(page)
        title, number = version.fields.title, version.fields.index_number
        return DocumentReread(portal, number, title, tuple(pages), tuple(damage))

    def _compared(self, portal: str, recorded: _Recorded) -> PageReread:
        reader, page = self._readers.current(portal), recorded.page
        before = self._readings.load(recorded.reading_id)
        body = read_body(self._connection, page.body_id)
        after = reader.read(body, url=page.url, content_type=page.content_type)
        judgements = _judgement(before), _judgement(after)
        return PageReread(
            page.url,
            recorded.version,
            (before.reader, after.reader),
            None if judgements[0] == judgements[1] else judgements,
            compare_states(
                state_of(before, recorded.attachments), state_of(after, recorded.attachments)
            ),
        )

    def _recorded(self, document_id: int, version: Version) -> Iterator[_Recorded]:
        """The page of the current version, and what each location showed last besides."""
        own = page_of(self._connection, version.reading_id)
        attachments = completed_attachments(self._connection, version)
        yield _Recorded(own, version.number, version.reading_id, attachments)
        # A page's first reading is the one that it was recorded with; later ones were made of it
        # for comparisons.
        rows = self._connection.execute(
            """SELECT states.body_id, locations.id, url, states.content_type, states.attachments,
                 (SELECT min(id) FROM readings WHERE body_id = states.body_id
                  AND location_id = locations.id AND content_type = states.content_type)
               FROM locations JOIN states ON states.id = state_id
               WHERE document_id = ? ORDER BY locations.id""",
            (document_id,),
        ).fetchall()
        for *named, packed, reading_id in rows:
            page = Page(*named)
            if page != own:
                yield _Recorded(page, None, reading_id, unpack_attachments(packed))


def _judgement(reading: Reading) -> str:
    if reading.nature is Nature.DOCUMENT:
        return reading.nature.value
    return f"{reading.nature.value} ({reading.reason})"
