"""The fields of a document: the one place where their names stand."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum


class Validity(StrEnum):
    """What the portal's own word for 有效性 amounts to."""

    VALID = "valid"
    PARTLY_VALID = "partly_valid"
    AMENDED = "amended"
    NOT_YET_VALID = "not_yet_valid"
    INVALID = "invalid"
    REPEALED = "repealed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What the portal states about a document. Only these make versions.

    Text is as on the page with white space trimmed and runs of it made one space; `None` is
    "not stated". Dates are ISO 8601: `written_on` and `repealed_on` a date, `published_at` a
    date-time with the portal's UTC offset. `index_number` is normalised (R1).
    """

    title: str = ""
    index_number: str | None = None
    document_number: str | None = None
    issuing_agency: str | None = None
    category: str | None = None
    summary: str | None = None
    written_on: str | None = None
    published_at: str | None = None
    repealed_on: str | None = None
    validity_label: str | None = None
    validity: Validity = Validity.UNKNOWN


FIELD_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Fields))
