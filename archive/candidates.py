"""Looking up the documents that a page could be, for `identity` to decide among."""

from __future__ import annotations

from archive.context import RunContext
from archive.identity import Known, Page
from archive.numbers import is_complete, parts_of
from archive.places import Place
from archive.reading import Reading
from archive.readings import Page as StoredPage
from archive.readings import page_of
from archive.versions import current_version

_ON_HOST = """EXISTS (SELECT 1 FROM locations WHERE locations.document_id = documents.id
              AND substr(locations.key, 1, length(:host)) = :host)"""


class Candidates:
    """The documents of one portal, as a page's identity is judged by them.

    They are looked up by their numbers first (a cross join keeps its order): SQLite might think it
    cheaper to go through all that the portal has.
    """

    def __init__(self, run: RunContext) -> None:
        self._run = run

    def at(self, place: Place | None) -> Known | None:
        """The document that `place` showed last, as it showed it."""
        if place is None or place.document_id is None or place.state_id is None:
            return None
        return Known(place.document_id, _page(self._reading_at(place)))

    def by_number(self, number: str | None, place: Place) -> list[Known]:
        """The documents that go, or went, by `number` within the scope that it has (R2)."""
        if number is None:
            return []
        scope = "" if is_complete(number) else f"AND {_ON_HOST}"
        return self._known(
            f"""SELECT documents.id FROM document_numbers
                CROSS JOIN documents ON documents.id = document_id
                WHERE number = :number AND portal = :portal AND merged_into IS NULL {scope}
                ORDER BY documents.id""",
            {"number": number, "portal": self._run.portal, "host": f"//{place.host}/"},
        )

    def by_serial(self, number: str | None, place: Place) -> list[Known]:
        """The documents on the same host whose number differs in completeness alone (R4)."""
        parts = parts_of(number) if number is not None else None
        if parts is None:
            return []
        known = self._known(
            f"""SELECT documents.id FROM serials
                CROSS JOIN documents ON documents.id = document_id
                WHERE serial = :serial AND portal = :portal AND merged_into IS NULL AND {_ON_HOST}
                ORDER BY documents.id""",
            {"serial": parts.serial, "portal": self._run.portal, "host": f"//{place.host}/"},
        )
        own_is_complete = parts.organisation != ""
        return [
            one
            for one in known
            if one.page.number is not None and is_complete(one.page.number) != own_is_complete
        ]

    def _known(self, query: str, values: dict[str, str]) -> list[Known]:
        rows = self._run.connection.execute(query, values).fetchall()
        return [Known(document_id, self._page_of(document_id)) for (document_id,) in rows]

    def _page_of(self, document_id: int) -> Page:
        version = current_version(self._run.connection, document_id)
        page = page_of(self._run.connection, version.reading_id)
        return _page(self._run.read(page).reading)

    def _reading_at(self, place: Place) -> Reading:
        assert place.state_id is not None
        row = self._run.connection.execute(
            "SELECT body_id, content_type FROM states WHERE id = ?", (place.state_id,)
        ).fetchone()
        page = StoredPage(row[0], place.id, place.url, row[1])
        return self._run.read(page).reading


def _page(reading: Reading) -> Page:
    return Page(
        reading.fields.index_number, reading.fields.title, reading.text, reading.has_metadata
    )
