"""Which documents a list is of: filters as a person gives them, turned into SQL once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.settings import WatchList


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Filters on documents; each that is None lets everything through.

    `validity` is one of the words of `Validity` or the portal's own label. `agency` and `category`
    match any part of the field. Dates are ISO, both ends included. `changed_since_ms` is the
    instant since which a version was recorded.

    `watch` is a list that somebody watches, for the documents that belong to it as they stand now.
    An archive turns it into `among`, a JSON array of their numbers.

    With `as_of_ms`, they are the documents that the archive had then, each with the version that
    stood at that moment, and the other filters are about that state.
    """

    portal: str | None = None
    validity: str | None = None
    agency: str | None = None
    category: str | None = None
    published_from: str | None = None
    published_to: str | None = None
    written_from: str | None = None
    written_to: str | None = None
    changed_since_ms: int | None = None
    status: str | None = None
    as_of_ms: int | None = None
    watch: WatchList | None = None
    among: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether documents are chosen by nothing but their portal and a moment."""
        return self == Selection(portal=self.portal, as_of_ms=self.as_of_ms)

    def select(self, order: Order, within: str = "1") -> tuple[str, dict[str, object]]:
        """A query for the ids of the documents and of the versions that stand, and its values.

        `within` is a further condition on `documents.id`.
        """
        words = _NOW if self.as_of_ms is None else _THEN
        condition, values = self.condition()
        query = f"""SELECT documents.id, {{version}} FROM {{source}}
                    WHERE {within} AND {condition} ORDER BY {order}"""
        return query.format(**words), values

    def condition(self) -> tuple[str, dict[str, object]]:
        """What must be true of a document and of the version that stands, and its values."""
        words = _NOW if self.as_of_ms is None else _THEN
        given = {name: getattr(self, name) for name in (*_CLAUSES, "as_of_ms")}
        values = {name: value for name, value in given.items() if value is not None}
        clauses = [clause for name, clause in _CLAUSES.items() if name in values]
        return " AND ".join(["merged_into IS NULL", *clauses]).format(**words), values


class Order(StrEnum):
    """The orders in which documents are listed."""

    BY_PORTAL = "documents.portal, {of}published_at DESC, documents.id"
    NEWEST_FIRST = "{of}published_at DESC, documents.id"
    OLDEST_FIRST = "{of}published_at IS NULL, {of}published_at, documents.id"
    LAST_CHANGED = "{version} DESC"


# The version that stands at a moment is the last one captured until then, as `show` has it.
_STANDING = """documents JOIN versions ON versions.id = (
    SELECT earlier.id FROM versions AS earlier
    WHERE earlier.document_id = documents.id AND earlier.at_ms <= :as_of_ms
    ORDER BY earlier.number DESC LIMIT 1)"""
WITHDRAWN_THEN = """coalesce((SELECT kind = 'withdrawn' FROM changes
    WHERE changes.document_id = documents.id AND kind IN ('withdrawn', 'restored')
    AND changes.at_ms <= :as_of_ms ORDER BY seq DESC LIMIT 1), 0)"""
"""Whether a document was withdrawn at a moment, by the ledger."""

_NOW = {
    "source": "documents",
    "of": "documents.current_",
    "version": "documents.current_version_id",
    "withdrawn": "documents.withdrawn",
    "until": "",
}
_THEN = {
    "source": _STANDING,
    "of": "versions.",
    "version": "versions.id",
    "withdrawn": WITHDRAWN_THEN,
    "until": "AND changes.at_ms <= :as_of_ms",
}

_CLAUSES = {
    "portal": "documents.portal = :portal",
    "validity": "({of}validity = :validity OR {of}validity_label = :validity)",
    "agency": "instr({of}issuing_agency, :agency) > 0",
    "category": "instr({of}category, :category) > 0",
    "published_from": "substr({of}published_at, 1, 10) >= :published_from",
    "published_to": "substr({of}published_at, 1, 10) <= :published_to",
    "written_from": "{of}written_on >= :written_from",
    "written_to": "{of}written_on <= :written_to",
    # By the ledger: a version can be recorded days after its page was captured (R10).
    "changed_since_ms": """EXISTS (SELECT 1 FROM changes WHERE changes.document_id = documents.id
        AND version_digest IS NOT NULL AND changes.at_ms >= :changed_since_ms {until})""",
    "among": "documents.id IN (SELECT value FROM json_each(:among))",
    "status": "{withdrawn} = (:status = 'withdrawn')",
}
