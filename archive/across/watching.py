"""A list that somebody watches, held against several archives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archive.across.held import Held, Row
from archive.law.watching import Watch


class LibraryWatch:
    """What belongs to the list, in whichever archive it is: as a `Watch`, of `Held` numbers."""

    def __init__(self, watches: Mapping[str, Watch]) -> None:
        self._watches = watches

    @property
    def unknown(self) -> list[str]:
        """The documents of the list that no archive has."""
        missing = [one.unknown for one in self._watches.values()]
        return [name for name in missing[0] if all(name in one for one in missing)]

    def has_document(self, document_id: int) -> bool:
        """Whether a document belongs to the list as it stands now."""
        assert isinstance(document_id, Held)
        return self._watches[document_id.portal].has_document(int(document_id))

    def has_any(self, document_ids: Iterable[int]) -> bool:
        """Whether any of these documents belongs to the list."""
        return any(self.has_document(one) for one in document_ids)

    def has_change(self, change: Row) -> bool:
        """Whether a row of `changes` belongs to the list."""
        return self._watches[change["portal"]].has_change(change)

    def documents(self) -> list[int]:
        """Every document of the list."""
        return [
            Held(document_id, portal)
            for portal, one in self._watches.items()
            for document_id in one.documents()
        ]
