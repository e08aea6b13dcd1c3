"""Which documents and changes belong to a list that somebody watches.

A document belongs to a list by any one of its entries: its number or address, a word in its title,
numbers, summary or text, its agency, its category. A change belongs to it with its document, or by
a word in what it took away or put in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from archive.locations import location_key
from archive.numbers import normalise_index_number
from archive.questions.source import Source
from archive.search.folding import fold
from archive.versions import current_version

if TYPE_CHECKING:
    from archive.settings import WatchList


class Watching(Protocol):
    """A list held against an archive, or against several."""

    @property
    def unknown(self) -> list[str]:
        """The documents of the list that are not there."""

    def has_document(self, document_id: int) -> bool:
        """Whether a document belongs to the list as it stands now."""

    def has_any(self, document_ids: Iterable[int]) -> bool:
        """Whether any of these documents belongs to the list."""

    def has_change(self, change: dict[str, Any]) -> bool:
        """Whether a row of `changes` belongs to the list."""

    def documents(self) -> list[int]:
        """Every document of the list."""


class Watch:
    """One list, held against one archive. What it has found out of a document it remembers."""

    def __init__(self, source: Source, chosen: WatchList) -> None:
        self._connection = source.connection
        self._readings = source.readings
        self._chosen = chosen
        self._words = tuple(_folded(word) for word in chosen.words)
        self._known: dict[int, bool] = {}
        self._named = {
            document_id for name in chosen.documents for document_id in self._documents(name)
        }

    @property
    def unknown(self) -> list[str]:
        """The documents of the list that the archive does not have."""
        return [name for name in self._chosen.documents if not self._documents(name)]

    def has_document(self, document_id: int) -> bool:
        """Whether a document belongs to the list as it stands now."""
        if document_id not in self._known:
            self._known[document_id] = document_id in self._named or self._has(document_id)
        return self._known[document_id]

    def has_any(self, document_ids: Iterable[int]) -> bool:
        """Whether any of these documents belongs to the list."""
        return any(self.has_document(one) for one in document_ids)

    def has_change(self, change: dict[str, Any]) -> bool:
        """Whether a row of `changes` belongs to the list."""
        row = self._connection.execute(
            """SELECT coalesce(merged_into, documents.id) FROM changes
               JOIN documents ON documents.id = document_id WHERE seq = ?""",
            (change["seq"],),
        ).fetchone()
        return (row is not None and self.has_document(row[0])) or self._has_word(
            change["title"], change["before"], change["after"]
        )

    def documents(self) -> list[int]:
        """Every document of the list."""
        rows = self._connection.execute(
            "SELECT id FROM documents WHERE merged_into IS NULL ORDER BY id"
        ).fetchall()
        return [document_id for (document_id,) in rows if self.has_document(document_id)]

    def _has(self, document_id: int) -> bool:
        version = current_version(self._connection, document_id)
        fields = version.fields
        if any(one in (fields.issuing_agency or "") for one in self._chosen.agencies):
            return True
        if any(one in (fields.category or "") for one in self._chosen.categories):
            return True
        stated = (fields.title, fields.index_number, fields.document_number, fields.summary)
        return bool(self._words) and (
            self._has_word(*stated) or self._has_word(self._readings.load(version.reading_id).text)
        )

    def _has_word(self, *texts: str | None) -> bool:
        return any(word in _folded(text) for text in texts if text for word in self._words)

    def _documents(self, name: str) -> set[int]:
        """The documents that go, or went, by a number or an address: several where they collide."""
        if name.strip().lower().startswith(("http://", "https://")):
            rows = self._connection.execute(
                "SELECT document_id FROM locations WHERE key = ? AND document_id IS NOT NULL",
                (location_key(name),),
            )
        else:
            rows = self._connection.execute(
                """SELECT coalesce(merged_into, documents.id) FROM document_numbers
                   JOIN documents ON documents.id = document_id WHERE number = ?""",
                (normalise_index_number(name),),
            )
        return {document_id for (document_id,) in rows}


def _folded(text: str) -> str:
    return "".join(fold(text).split())
