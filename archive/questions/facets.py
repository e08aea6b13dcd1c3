"""Documents by what they have in common: how many of a selection have each value of a field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from archive.questions.source import Row, Source
from archive.selection import Order, Selection

MOST = 40
"""So many values of a field are told, those that most documents have."""


class Count(NamedTuple):
    """A value, None for documents that state none, and how many documents have it."""

    value: str | None
    documents: int


class Facets(NamedTuple):
    """How many documents there are, and how many of them have each value."""

    documents: int
    validity: tuple[Count, ...]
    agency: tuple[Count, ...]
    category: tuple[Count, ...]
    year: tuple[Count, ...]
    """The year of publication, newest first."""
    status: tuple[Count, ...]


_NOW = {
    "validity": "documents.current_validity",
    "agency": "documents.current_issuing_agency",
    "category": "documents.current_category",
    "year": "substr(documents.current_published_at, 1, 4)",
    "status": "iif(documents.withdrawn, 'withdrawn', 'current')",
}
_THEN = {
    "validity": "versions.validity",
    "agency": "versions.issuing_agency",
    "category": "versions.category",
    "year": "substr(versions.published_at, 1, 4)",
}


def facets(
    source: Source,
    selection: Selection,
    words: str | None = None,
    *,
    in_all_versions: bool = False,
    most: int = MOST,
) -> Facets:
    """The facets of a selection, or of those of its documents that the index names for `words`.

    Of each, the `most` values that most documents have; all of them for -1.

    As of a moment, status is not told: the ledger would have to be asked for each document.
    """
    within, wanted = _named_by_the_index(words, in_all_versions or selection.as_of_ms is not None)
    query, values = selection.select(Order.NEWEST_FIRST, within)
    # What the selection chooses from, without its columns and its order.
    chosen = query[query.index(" FROM ") : query.rindex(" ORDER BY ")]
    values = {**values, **wanted}
    expressions = _NOW if selection.as_of_ms is None else _THEN
    told = ", ".join(expressions.values())
    places = ", ".join(str(place + 1) for place in range(len(expressions)))
    # All at once, since to find the documents takes longer than to count them.
    groups = source.rows(f"SELECT {told}, count(*){chosen} GROUP BY {places}", values)
    found: dict[str, Counter[str | None]] = {name: Counter() for name in expressions}
    for *stated, documents in groups:
        for name, value in zip(expressions, stated, strict=True):
            found[name][value] += documents
    total = sum(documents for *_, documents in groups)
    return Facets(total, **{name: _most(found.get(name, {}), name, most) for name in _NOW})


def facets_of(rows: Iterable[Row]) -> Facets:
    """The facets of documents that are at hand, as rows of `list`."""
    found = list(rows)
    stated: dict[str, Callable[[Row], str | None]] = {
        "validity": lambda row: row["validity"],
        "agency": lambda row: row["issuing_agency"],
        "category": lambda row: row["category"],
        "year": lambda row: row["published_at"] and row["published_at"][:4],
        "status": lambda row: row["status"],
    }
    counts = {name: Counter(map(value, found)) for name, value in stated.items()}
    return Facets(len(found), **{name: _most(counts[name], name, MOST) for name in stated})


def _most(counts: Mapping[str | None, int], name: str, most: int) -> tuple[Count, ...]:
    """Those of most documents first; years by themselves, from the newest on, and so statuses."""
    ordered = sorted(counts.items(), key=lambda one: (one[0] is not None, one[0] or ""))
    if name == "year":
        ordered.reverse()
    elif name != "status":
        ordered.sort(key=lambda one: -one[1])
    return tuple(Count(*one) for one in (ordered if most < 0 else ordered[:most]))


def _named_by_the_index(words: str | None, former: bool) -> tuple[str, dict[str, object]]:
    if words is None:
        return "1", {}
    # Here, since everything that reads passes through this module.
    from archive.search.query import parse
    from archive.search.terms import expression

    # The plus keeps SQLite from looking each of many documents up.
    within = "+documents.id IN (SELECT rowid FROM search_terms WHERE search_terms MATCH :wanted)"
    return within, {"wanted": expression(parse(words).words, former=former)}
