"""Which documents a list is of: filters as a person gives them, turned into SQL once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Filters on documents; each that is None lets everything through.

    `validity` is one of the words of `Validity` or the portal's own label. `agency` and `category`
    match any part of the field. Dates are ISO, both ends included. `changed_since_ms` is the
    instant since which the newest version was recorded.
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

    def where(self) -> tuple[str, dict[str, object]]:
        """A condition over `documents` joined with its current `versions`, and its values."""
        clauses = ["merged_into IS NULL"]
        values: dict[str, object] = {}
        for name, clause in _CLAUSES.items():
            value = getattr(self, name)
            if value is not None:
                clauses.append(clause)
                values[name] = value
        return " AND ".join(clauses), values


_CLAUSES = {
    "portal": "documents.portal = :portal",
    "validity": "(validity = :validity OR validity_label = :validity)",
    "agency": "instr(issuing_agency, :agency) > 0",
    "category": "instr(category, :category) > 0",
    "published_from": "substr(published_at, 1, 10) >= :published_from",
    "published_to": "substr(published_at, 1, 10) <= :published_to",
    "written_from": "written_on >= :written_from",
    "written_to": "written_on <= :written_to",
    "changed_since_ms": "versions.at_ms >= :changed_since_ms",
    "status": "withdrawn = (:status = 'withdrawn')",
}
