"""What a claim is: what a text says about the force of a document, in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Self

from archive.fields import Fields


class ClaimKind(StrEnum):
    """What a text can say about the force of a document."""

    REPEALS = "repeals"
    """It ends; `effective_on` is the first day on which it is no longer in force."""
    AMENDS = "amends"
    """Its words change, or a part of it ends; `effective_on` is the day from which."""
    EFFECTIVE_FROM = "effective_from"
    """It is in force from `effective_on` on."""
    EFFECTIVE_UNTIL = "effective_until"
    """`effective_on` is the last day on which it is in force."""
    TERM = "term"
    """It is in force for `period`, counted from `effective_on`."""
    EXTENDS = "extends"
    """It is in force for `period` longer: from `effective_on`, or from the end that it had."""


class Place(NamedTuple):
    """Where a quotation stands: `start` and `end` are places in that line of the text.

    `paragraph` counts the lines of the canonical text from 0; None for the document's title.
    `attachment` is the name of the attachment in whose text they are; None for the page itself.
    """

    paragraph: int | None
    start: int
    end: int
    attachment: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The place as `claims` gives it."""
        return self._asdict()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim as it is read from one text, before it is known which document it is about.

    `title` and `number` name that document as the text does; both are None where the text speaks
    of itself. `part` names the part of it (第五条第二款), None where it is about the whole. Dates
    are ISO 8601, and so is `period` (`P5Y`).
    """

    kind: ClaimKind
    title: str | None = None
    number: str | None = None
    part: str | None = None
    effective_on: str | None = None
    period: str | None = None
    quote: str
    place: Place

    @property
    def of_itself(self) -> bool:
        """Whether the document speaks of itself."""
        return self.title is None and self.number is None

    def pack(self) -> list[Any]:
        """The claim as plain values, for `unpack`."""
        return [
            self.kind.value,
            self.title,
            self.number,
            self.part,
            self.effective_on,
            self.period,
            self.quote,
            list(self.place),
        ]

    @classmethod
    def unpack(cls, values: list[Any]) -> Self:
        """The claim that `pack` packed."""
        kind, title, number, part, effective_on, period, quote, place = values
        return cls(
            kind=ClaimKind(kind),
            title=title,
            number=number,
            part=part,
            effective_on=effective_on,
            period=period,
            quote=quote,
            place=Place(*place),
        )


# A page that a portal put up again years after its document says nothing of when that came out.
_LONGEST_TO_PUBLICATION_DAYS = 366


class Days(NamedTuple):
    """The days from which a text's relative dates count."""

    published: date | None
    written: date | None

    @property
    def of_publication(self) -> date | None:
        """The day meant by 发布之日: 公开日期, or 成文日期 where that is a year older or alone."""
        if self.published is None or self.written is None:
            return self.published or self.written
        late = (self.published - self.written).days > _LONGEST_TO_PUBLICATION_DAYS
        return self.written if late else self.published

    @property
    def of_issue(self) -> date | None:
        """The day meant by 印发之日: 成文日期, or 公开日期 where that is missing."""
        return self.written or self.published


def days_of(fields: Fields) -> Days:
    """The days from which the relative dates of a document with these fields count."""
    return Days(_day(fields.published_at), _day(fields.written_on))


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso[:10]) if iso else None
