"""A column's list: its rows in order, its pages, and the addresses of its pagers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from crawler.replica.documents import Column, Location, columns
from crawler.replica.edits import State

_SHOWN_CHARACTERS = 26


@dataclass(frozen=True, slots=True)
class Row:
    """A link in a list. `title` is whole; `shown` may be cut; `date` is spelled the column's way.

    `href` is a path, or a full address where the row leads to another host. `location` is None
    for a row that leads away from the portal.
    """

    href: str
    title: str
    date: str
    location: Location | None

    @property
    def shown(self) -> str:
        """The link's text."""
        if len(self.title) <= _SHOWN_CHARACTERS:
            return self.title
        return self.title[:_SHOWN_CHARACTERS] + "..."


@dataclass(frozen=True, slots=True)
class Pager:
    """Where one page of a list stands among its others; None for "none here"."""

    page: int
    total: int
    rows: int
    linked: bool
    first: str | None
    previous: str | None
    next: str | None
    last: str | None


def page_id(column: Column) -> str:
    """The CMS's number for the column's page."""
    directory = column.path.rpartition("/")[2]
    return directory if directory.isdecimal() else _digits(column)


def module_id(column: Column) -> str:
    """The CMS's name for the list within the page: 32 hex digits, or a number for old lists."""
    if column.pager == "indexed":
        return _digits(column)
    return hashlib.sha256(column.path.encode()).hexdigest()[:32]


def rows_of(column: Column, state: State, bases: dict[str, str]) -> list[Row]:
    """All rows of a column, newest first. `bases` are the hosts' addresses."""
    rows: list[tuple[date, Row]] = []
    for document in state.documents.values():
        day = _day(document.published)
        places = [each for each in document.locations if each.column == column.key]
        if document.key in column.links:
            places.append(document.locations[0])
        for location in places:
            home = columns()[location.column]
            base = "" if home.host == column.host else bases[home.host]
            href = base + home.path_of(location.article)
            rows.append((day, Row(href, document.title, day.strftime(column.dates), location)))
    for away in column.elsewhere:
        day = _day(away["date"])
        rows.append((day, Row(away["url"], away["title"], day.strftime(column.dates), None)))
    rows.sort(key=lambda dated: (dated[0], dated[1].href), reverse=True)
    return [row for _, row in rows]


def page_count(column: Column, rows: list[Row]) -> int:
    """How many pages the rows fill."""
    return max(1, -(-len(rows) // column.rows))


def page_path(column: Column, page: int) -> str:
    """The path at which a page of the list stands as a file."""
    if page == 1:
        return f"{column.path}/index.html"
    if column.pager == "indexed":
        return f"{column.path}/{module_id(column)}/index{page}.html"
    return f"{column.path}/{module_id(column)[:8]}-{page}.html"


def dynamic_path(column: Column, page: int) -> str:
    """The path of the page's twin that the CMS makes on request."""
    return f"/eportal/ui?currentPage={page}&pageId={page_id(column)}&moduleId={module_id(column)}"


def pager_of(column: Column, rows: list[Row], page: int) -> Pager:
    """The pager shown on a page of the list."""
    total = page_count(column, rows)
    address = dynamic_path if column.pager == "dynamic" else page_path

    def turn(to: int) -> str | None:
        return address(column, to) if 1 <= to <= total and to != page else None

    return Pager(
        page=page,
        total=total,
        rows=len(rows),
        linked=column.pager == "indexed",
        first=turn(1),
        previous=turn(page - 1),
        next=turn(page + 1),
        last=turn(total),
    )


def _digits(column: Column) -> str:
    return str(int(hashlib.sha256(column.path.encode()).hexdigest()[:5], 16))


def _day(written: str) -> date:
    plain = written.replace("年", "-").replace("月", "-").replace("日", "")
    return date.fromisoformat(plain[:10])
