"""Page by page through changes and runs, of one archive or of several.

The page's last row names where the next one begins: by its number where there is one archive, and
by its place in time among several.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archive.across.library import Library
from archive.across.paging import Position
from archive.catalogue import Catalogue
from archive.questions.chronicle import ChangeFilter
from archive.questions.run_days import RunFilter
from archive.room.change_query import number
from archive.room.visit import Visit

Row = dict[str, Any]
Page = tuple[list[Row], object]
"""Rows, and what the next page is asked for by; None where there are no more."""


def entries(visit: Visit, chosen: ChangeFilter, name: str, limit: int) -> Page:
    """The changes of one page; `name` is the parameter that says where it begins."""
    catalogue = visit.catalogue
    if isinstance(catalogue, Library):
        found, end = catalogue.entries(chosen, before=_position(visit, name), limit=limit)
        return found, end and str(end)
    before = number(name, visit.given(name))
    found = catalogue.entries(chosen, before_seq=before, limit=limit + 1)
    return found[:limit], found[limit - 1]["seq"] if found[limit:] else None


def all_entries(
    catalogue: Catalogue | Library, chosen: ChangeFilter, *, at_a_time: int
) -> Iterator[Row]:
    """All changes that match, the newest first, so many read at a time."""
    if isinstance(catalogue, Library):
        found, before = catalogue.entries(chosen, limit=at_a_time)
        yield from found
        while before is not None:
            found, before = catalogue.entries(chosen, before=before, limit=at_a_time)
            yield from found
        return
    last = None
    while found := catalogue.entries(chosen, before_seq=last, limit=at_a_time):
        yield from found
        last = found[-1]["seq"]


def newest_entries(visit: Visit, chosen: ChangeFilter, limit: int) -> list[Row]:
    """The newest changes that match."""
    catalogue = visit.catalogue
    if isinstance(catalogue, Library):
        return catalogue.entries(chosen, limit=limit)[0]
    return catalogue.entries(chosen, limit=limit)


def runs(visit: Visit, chosen: RunFilter, name: str, limit: int) -> Page:
    """The runs of one page."""
    catalogue = visit.catalogue
    if isinstance(catalogue, Library):
        found, end = catalogue.chosen_runs(chosen, before=_position(visit, name), limit=limit)
        return found, end and str(end)
    before = number(name, visit.given(name))
    found = catalogue.chosen_runs(chosen, before=before, limit=limit + 1)
    return found[:limit], found[limit - 1]["id"] if found[limit:] else None


def _position(visit: Visit, name: str) -> Position | None:
    text = visit.given(name)
    return None if text is None else Position.read(name, text)
