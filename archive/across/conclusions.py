"""What follows from several archives: from each by itself, told together.

Texts are held against the documents of their own archive: who repeals or amends a document of
another portal is known where both portals share an archive, and not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from heapq import merge

from archive.across.catalogues import Catalogues
from archive.across.held import Held, Row
from archive.catalogue import Catalogue
from archive.conclusions import Conclusions
from archive.law.conflicts.conflict import Conflict, in_order
from archive.law.force.register import Document

Dated = tuple[Row, Document]


class LibraryConclusions:
    """The conclusions of every archive, in the orders that those of one have."""

    def __init__(
        self,
        catalogues: Catalogues,
        progress: Callable[[int, int], None],
        at_ms: int | None,
    ) -> None:
        self._catalogues = catalogues
        self._drawn: dict[str, Conclusions] = {}
        self._progress = progress
        self._at_ms = at_ms

    @property
    def today(self) -> date:
        """The day in whose light conclusions are drawn."""
        return max(self._catalogues.each(lambda one: self._of(one).today).values())

    def claims(
        self,
        document_id: int | None = None,
        version: int | None = None,
        *,
        portal: str | None = None,
    ) -> list[Row]:
        """The claims of a document's version, the current one by default; without one, of all.

        Rows have the `portal` besides.
        """
        number = None
        if document_id is not None:
            assert isinstance(document_id, Held)
            number, portal = int(document_id), document_id.portal
        found = self._catalogues.each(
            lambda one: self._of(one).claims(number, version), portal=portal
        )
        return [{"portal": key, **row} for key, rows in found.items() for row in rows]

    def conflicts(self, *, resolved: bool = False) -> list[Conflict]:
        """What does not fit together, the oldest first; with `resolved`, also what was settled."""

        def conflicts(portal: str, catalogue: Catalogue) -> Iterator[Conflict]:
            for one in self._of(catalogue).conflicts(resolved=resolved):
                numbers = (Held(number, portal) for number in one.document_ids)
                yield replace(one, document_ids=tuple(numbers))

        return list(merge(*self._catalogues.streams(conflicts), key=in_order))

    def conflict_row(self, one: Conflict) -> Row:
        """A conflict as a row of `conflicts`, with its `portal` besides."""
        row = self._of(self._catalogues.of(one.portal)).conflict_row(one)
        return {**row, "portal": one.portal}

    def in_force(
        self,
        day: date,
        *,
        portal: str | None = None,
        agency: str | None = None,
        category: str | None = None,
    ) -> list[Row]:
        """The documents that either account says are in force on a day, by portal.

        Rows have the portal's key besides, as `portal_key`: `portal` is what the portal says.
        """
        found = self._catalogues.each(
            lambda one: self._of(one).in_force(day, agency=agency, category=category),
            portal=portal,
        )
        return [{**row, "portal_key": key} for key, rows in found.items() for row in rows]

    def calendar(self, *, until: date | None = None) -> list[Dated]:
        """What will run out, the soonest first, as rows of `calendar`, each with its document."""

        def dated(portal: str, catalogue: Catalogue) -> Iterator[Dated]:
            for row, document in self._of(catalogue).calendar(until=until):
                whose = {"portal": portal, **row}
                yield whose, replace(document, id=Held(document.id, portal))

        return list(merge(*self._catalogues.streams(dated), key=lambda one: one[0]["last_day"]))

    def _of(self, catalogue: Catalogue) -> Conclusions:
        """Those of one archive, which are kept at hand."""
        key = str(catalogue.path)
        if key not in self._drawn:
            self._drawn[key] = catalogue.conclusions(self._progress, at_ms=self._at_ms)
        return self._drawn[key]
