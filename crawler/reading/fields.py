"""From labels and their values to the fields of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from archive.fields import Fields
from archive.numbers import normalise_index_number
from crawler.reading.labels import Pair
from crawler.reading.validity import validity_of
from crawler.reading.values import read_date, read_moment
from crawler.reading.vocabulary import NOT_STATED, Vocabulary
from crawler.reading.whitespace import squeeze


@dataclass(frozen=True, slots=True)
class Stated:
    """The fields that a page states by labels; `count` is how many, `problems` are sentences."""

    fields: Fields
    count: int
    problems: tuple[str, ...]


def stated_fields(pairs: Sequence[Pair], vocabulary: Vocabulary, zone: ZoneInfo) -> Stated:
    """The fields that labels state. A date that cannot be read is None and a problem."""
    found = {name: _first(pairs, words) for name, words in vocabulary.labels.items()}
    values = {name: pair.value if pair else None for name, pair in found.items()}
    problems = []

    def date(name: str, *, moment: bool = False) -> str | None:
        pair = found[name]
        if pair is None:
            return None
        value = read_moment(pair.value, zone) if moment else read_date(pair.value)
        if value is None:
            problems.append(f"{pair.word} is “{pair.value}”, which is not a date")
        return value

    number = values["index_number"]
    fields = Fields(
        title=values["title"] or "",
        index_number=normalise_index_number(number) if number else None,
        document_number=values["document_number"],
        issuing_agency=values["issuing_agency"],
        category=values["category"],
        summary=values["summary"],
        written_on=date("written_on"),
        published_at=date("published_at", moment=True),
        repealed_on=date("repealed_on"),
        validity_label=values["validity_label"],
        validity=validity_of(values["validity_label"]),
    )
    return Stated(fields, sum(pair is not None for pair in found.values()), tuple(problems))


def _first(pairs: Sequence[Pair], words: Sequence[str]) -> Pair | None:
    """The pair that states a field: of the labels that have a value the one that ranks first."""
    for word in words:
        for pair in pairs:
            if pair.word == word and squeeze(pair.value) not in NOT_STATED:
                return pair
    return None
