"""What would be read differently now in several archives: one pass over each, counted together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archive.across.catalogues import Catalogues
from archive.catalogue import Catalogue
from archive.readings import Readers
from archive.rereading import DocumentReread, Tally


class LibraryRereading:
    """One pass over the documents of some portals, as a `Rereading` of one archive is."""

    def __init__(
        self,
        catalogues: Catalogues,
        readers: Readers,
        portals: Sequence[str],
        progress: Callable[[str, int, int], None],
    ) -> None:
        self._catalogues = catalogues
        self._readers = readers
        self._portals = portals
        self._progress = progress
        self.tally = Tally()

    def __iter__(self) -> Iterator[DocumentReread]:
        for portal in self._portals:
            for stream in self._catalogues.streams(self._of_one, portal=portal):
                yield from stream

    def _of_one(self, portal: str, catalogue: Catalogue) -> Iterator[DocumentReread]:
        rereading = catalogue.reread(self._readers, [portal], self._progress)
        rereading.tally = self.tally
        yield from rereading
