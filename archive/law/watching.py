"""Which documents and changes belong to a list that somebody watches.

A document belongs to a list by any one of its entries: its number or address, a word in its title,
numbers, summary or text, its agency, its category. A change belongs to it with its document, or by
a word in what it took away or put in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from archive.locations import location_key
from archive.numbers import normalise_index_number
from archive.questions.source import Source
from archive.search.folding import fold
from archive.versions import Version, current_version, version_of

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


@dataclass
class WatchMemory:
    """What has been found out for a list of an archive's versions and of its ledger's entries.

    Neither is ever altered, so it holds good. Whoever asks again is answered soon, also where
    asking was given up half-way.
    """

    versions: dict[int, bool] = field(default_factory=dict)
    speaking: list[int] = field(default_factory=list)
    looked_through: int = 0


class Watch:
    """One list, held against one archive as it stands now."""

    def __init__(
        self, source: Source, chosen: WatchList, memory: WatchMemory | None = None
    ) -> None:
        self._connection = source.connection
        self._readings = source.readings
        self._chosen = chosen
        self._words = tuple(_folded(word) for word in chosen.words)
        self._memory = memory or WatchMemory()
        self._known: dict[int, bool] = {}
        self._named = {one for name in chosen.documents for one in self._documents(name)}

    @property
    def unknown(self) -> list[str]:
        """The documents of the list that the archive does not have."""
        return [name for name in self._chosen.documents if not self._documents(name)]

    def has_document(self, document_id: int) -> bool:
        """Whether a document belongs to the list as it stands now."""
        if document_id not in self._known:
            version = current_version(self._connection, document_id)
            self._known[document_id] = document_id in self._named or self._has(version.id)
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
            """SELECT id, current_version_id FROM documents WHERE merged_into IS NULL ORDER BY id"""
        ).fetchall()
        return [one for one, version in rows if one in self._named or self._has(version)]

    def changes(self) -> list[int]:
        """Every entry of the ledger with a word of the list in what it took away or put in.

        Those of the list's documents belong to it besides.
        """
        memory = self._memory
        if self._words:
            for seq, *texts in self._connection.execute(
                "SELECT seq, title, before, after FROM changes WHERE seq > ? ORDER BY seq",
                (memory.looked_through,),
            ):
                if self._has_word(*texts):
                    memory.speaking.append(seq)
                memory.looked_through = seq
        return memory.speaking

    def _has(self, version_id: int) -> bool:
        known = self._memory.versions
        if version_id not in known:
            known[version_id] = self._states(version_of(self._connection, version_id))
        return known[version_id]

    def _states(self, version: Version) -> bool:
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
