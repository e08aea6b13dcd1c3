"""Documents: search with hits in context, facets, and the list in several orders."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from starlette.responses import Response

from archive.errors import ConfigurationError
from archive.questions.facets import Count, Facets, facets_of
from archive.room.change_query import number
from archive.room.document_query import NAMES, selection
from archive.room.pages.parts import Chip
from archive.room.views.hits import Words, words_of
from archive.room.visit import Visit
from archive.search.matching import Hit
from archive.selection import Order, Selection

Row = dict[str, Any]

_PAGE = 25
_LAST_PAGE = 4000
# So many hits are looked at to count what they have in common; of more the index tells.
_COUNTED = 120
# Counts may be so old, in seconds.
_FRESH = 120
ORDERS = {
    "newest": Order.NEWEST_FIRST,
    "oldest": Order.OLDEST_FIRST,
    "changed": Order.LAST_CHANGED,
}


class Listed(NamedTuple):
    """A document of the list, with the pieces in which the words stand."""

    id: int
    row: Row
    hits: list[Words]


class Value(NamedTuple):
    """A value of a facet, with the way to the list with it, or without it if it is chosen."""

    name: str
    documents: int
    address: str
    is_chosen: bool


class Found(NamedTuple):
    """A page of the list."""

    documents: list[Listed]
    has_more: bool
    facets: Facets
    is_exact: bool
    """Whether the numbers are certain, and not the index's guess."""


def documents(visit: Visit) -> Response:
    """The page."""
    chosen = selection(visit)
    words = visit.given("q")
    order = visit.given("sort") or "newest"
    if order not in ORDERS:
        raise ConfigurationError(f"sort is one of {', '.join(ORDERS)}")
    page = max(1, min(number("page", visit.given("page")) or 1, _LAST_PAGE))
    found = (
        _listed(visit, chosen, ORDERS[order], page)
        if words is None
        else _searched(visit, chosen, words, page)
    )
    return visit.page(
        "documents.html",
        found=found,
        words=words,
        page=page,
        order=order,
        orders=tuple(ORDERS),
        chosen=chosen,
        facets=_facets(visit, chosen, found.facets),
        chips=_chips(visit, chosen),
        kept=_kept(visit),
        watched=visit.given("watch"),
        query={name: visit.given(name) for name in ("q", "all_versions", *NAMES)},
        previous=visit.here(page=page - 1 if page > 2 else None) if page > 1 else None,
        next=visit.here(page=page + 1) if found.has_more else None,
    )


def _listed(visit: Visit, chosen: Selection, order: Order, page: int) -> Found:
    rows = visit.catalogue.browse(chosen, order, limit=_PAGE + 1, offset=(page - 1) * _PAGE)
    counts = visit.memory.recall(("facets", chosen), _FRESH, lambda: visit.catalogue.facets(chosen))
    shown = [Listed(document, row, []) for document, row in rows[:_PAGE]]
    return Found(shown, len(rows) > _PAGE, counts, True)


def _searched(visit: Visit, chosen: Selection, words: str, page: int) -> Found:
    in_all = visit.given("all_versions") is not None
    results = visit.catalogue.search(words, chosen, in_all_versions=in_all)
    first = (page - 1) * _PAGE
    found = list(islice(results, max(_COUNTED, first + _PAGE) + 1))
    shown = [
        Listed(one.document, one.row, [words_of(hit) for hit in _told(one.hits)])
        for one in found[first : first + _PAGE]
    ]
    is_exact = len(found) <= _COUNTED
    counts = (
        facets_of(one.row for one in found)
        if is_exact or visit.catalogue.unindexed()
        else visit.memory.recall(
            ("facets", chosen, words, in_all),
            _FRESH,
            lambda: visit.catalogue.facets(chosen, words, in_all_versions=in_all),
        )
    )
    return Found(shown, len(found) > first + _PAGE, counts, is_exact)


def _told(hits: Sequence[Hit]) -> list[Hit]:
    """The pieces besides the title, which is shown anyway; the title's if it is all there is."""
    return [hit for hit in hits if hit.field != "title"][:3]


def _facets(visit: Visit, chosen: Selection, counts: Facets) -> list[tuple[str, list[Value]]]:
    def values(name: str, found: Sequence[Count]) -> list[Value]:
        present = visit.given(name)
        made = []
        for value, documents in found:
            if value is None:
                continue
            told = visit.say(f"{name}.{value}") if name in ("validity", "status") else value
            address = visit.here(**{name: None if value == present else value, "page": None})
            made.append(Value(told, documents, address, value == present))
        return made

    facets = [
        (name, values(name, found))
        for name, found in (
            ("validity", counts.validity),
            ("status", counts.status),
            ("agency", counts.agency),
            ("category", counts.category),
        )
    ]
    facets.insert(2, ("year", _years(visit, chosen, counts.year)))
    return [(name, found) for name, found in facets if found]


def _years(visit: Visit, chosen: Selection, found: Sequence[Count]) -> list[Value]:
    made = []
    for year, documents in found:
        if year is None:
            continue
        first, last = f"{year}-01-01", f"{year}-12-31"
        is_chosen = (chosen.published_from, chosen.published_to) == (first, last)
        address = visit.here(
            published_from=None if is_chosen else first,
            published_to=None if is_chosen else last,
            page=None,
        )
        made.append(Value(year, documents, address, is_chosen))
    return made


def _chips(visit: Visit, chosen: Selection) -> list[Chip]:
    named = {
        "validity": visit.validity_name(chosen.validity),
        "status": chosen.status and visit.say(f"status.{chosen.status}"),
        "watch": visit.say("filters.watch", name=visit.given("watch")),
    }
    chips = []
    for name in NAMES:
        value = visit.given(name)
        if value is not None:
            told = named.get(name) or value
            if name not in named and name not in ("agency", "category", "portal"):
                told = visit.say(f"filters.{name}", day=value)
            chips.append(Chip(told, visit.without(name, value)))
    return chips


def _kept(visit: Visit) -> list[tuple[str, str]]:
    """The filters that the search form hands on."""
    return [(name, value) for name in NAMES if (value := visit.given(name)) and name != "as_of"]
