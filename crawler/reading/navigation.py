"""A page as a step on the way to a portal's columns: whether it is one, and where it leads on.

Most links of a portal lead to documents, and none of these are wanted here. A link is a *row* where
a date stands beside it, where it stands in a list of documents, or where its address holds a date;
a *pager's* link is told by `pager`. What is left, has a short text as names of columns have, or
stands in the head, a menu or the breadcrumbs of the page, is *navigation*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from archive.reading import Nature, Reader, Reading
from crawler.reading.datastore import list_page
from crawler.reading.files import linked_file
from crawler.reading.furniture import is_surrounding
from crawler.reading.listing import (
    NO_TITLES,
    ListEvidence,
    Listing,
    Row,
    dated_rows,
    list_evidence,
    listing_of,
)
from crawler.reading.outline import names_of
from crawler.reading.page import Page
from crawler.reading.pager import is_pager_link
from crawler.reading.whitespace import squeeze, tidy

_LONGEST_NAME = 16
_SHORTEST_TITLE = 8
_ENOUGH_TITLES = 3
# An excerpt of a list and its 更多 stand in one block: so many elements above the list.
_BLOCK_LEVELS = 2
_MOST_LINKS = 2000
# The documents before and after one in its column, and others on its subject.
_NEIGHBOURING = ("previousarticle", "nextarticle")
_NEIGHBOURS = frozenset(("prevnext", "prenext", "articlenav", "pagenav", "related", "relatednews"))
_DATED_ADDRESS = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:[-/._](?:0?[1-9]|1[0-2])(?!\d)|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page's navigation: where it leads, and what it says."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Waypoint:
    """What a page is on the way to columns.

    `column` is its list if the page is the first one of a column; `is_list` tells that it is a list
    at all, if perhaps an excerpt of one or an empty one. `name` is what the page calls itself, or
    `""`. `links` are its navigation, in page order. `reason` says what stands there in the page's
    place, such as a firewall's challenge.
    """

    name: str
    is_list: bool
    column: Listing | None
    links: tuple[Link, ...]
    reason: str = ""


def read_waypoint(body: bytes, *, url: str, reader: Reader, content_type: str = "") -> Waypoint:
    """Read a page for its navigation. `reader` tells a document from a list. Never raises."""
    page = list_page(body, url=url, content_type=content_type)
    reading = reader.read(body, url=url, content_type=content_type)
    is_notice = reading.nature in (Nature.BLOCKED, Nature.SUSPECT)
    evidence, listing, dated = list_evidence(page), listing_of(page), dated_rows(page)
    is_document = _is_document(reading, [row for _, row in dated])
    is_list = not is_document and listing.is_list and (evidence.certain or evidence.rows > 0)
    rows = {element for element, _ in dated}
    addresses = {row.url for _, row in dated}
    column = None
    if is_list and (documents := _documents(listing)):
        addresses |= {row.url for row in documents}
        listing = replace(listing, rows=documents)
        if _is_column(page, evidence, listing, rows):
            column = listing
    return Waypoint(
        name=page.metas.get("columnname") or listing.title,
        is_list=is_list,
        column=column,
        links=tuple(_navigation(page, rows, addresses, menus_only=is_document)),
        # A page of links is none, whatever these say: news of maintenance are news.
        reason=reading.reason if is_notice and not listing.is_list else "",
    )


def _is_document(reading: Reading, dated: list[Row]) -> bool:
    """Whether a page is a document, and not a list whose rows were taken for its text."""
    listed = sum(len(row.title) + len(row.date or "") for row in dated)
    is_list = not reading.has_metadata and listed * 2 >= len(reading.text) > 0
    return reading.nature is Nature.DOCUMENT and not is_list


def _documents(listing: Listing) -> tuple[Row, ...]:
    """The rows that are documents' and not a menu's: by their dates, else by their titles."""
    dated = tuple(row for row in listing.rows if row.date)
    if dated:
        return dated
    lengths = [len(row.title) for row in listing.rows]
    are_titles = len(lengths) >= _ENOUGH_TITLES and sum(lengths) >= _SHORTEST_TITLE * len(lengths)
    return listing.rows if are_titles else ()


def _is_column(
    page: Page, evidence: ListEvidence, listing: Listing, dated: set[etree._Element]
) -> bool:
    """Whether a list of documents is the page's matter, and not an excerpt on an overview."""
    if (listing.page or 1) > 1:
        return False
    container = evidence.container
    if container is None or _has_more(page, container):
        return False
    if listing.next_page is not None or (listing.total_pages or 1) > 1:
        return True
    elsewhere = sum(1 for row in dated if not _stands_in(row, container))
    return elsewhere * 2 <= len(listing.rows)


def _has_more(page: Page, container: etree._Element) -> bool:
    """Whether a list has a 更多 beside it, which leads to the column that it is an excerpt of."""
    block = container
    for _ in range(_BLOCK_LEVELS):
        around = block.getparent()
        if around is None or around.tag in ("body", "html"):
            break
        block = around
    return any(
        _text(page, link).lower() in NO_TITLES and page.absolute(link.get("href"))
        for link in block.iter("a")
    )


def _navigation(
    page: Page, rows: set[etree._Element], addresses: set[str], *, menus_only: bool
) -> Iterator[Link]:
    count = 0
    for link in page.root.iter("a"):
        url = page.absolute(link.get("href"))
        if url is None or linked_file(page, link) or is_pager_link(page, link):
            continue
        around = (link, *link.iterancestors())
        text = _text(page, link)
        if not text or _DATED_ADDRESS.search(url):
            continue
        if any(element in rows or _is_neighbours(element) for element in around):
            continue
        is_no_name = menus_only or url in addresses or len(squeeze(text)) > _LONGEST_NAME
        if is_no_name and not _is_menu(around):
            continue
        count += 1
        if count > _MOST_LINKS:
            return
        yield Link(url, text)


def _is_menu(around: Iterable[etree._Element]) -> bool:
    return any(is_surrounding(element) for element in around)


def _is_neighbours(element: etree._Element) -> bool:
    return any(name in element.attrib for name in _NEIGHBOURING) or not _NEIGHBOURS.isdisjoint(
        names_of(element)
    )


def _text(page: Page, link: etree._Element) -> str:
    shown = page.outline.text_of(link) or tidy(link.get("title") or "")
    if shown:
        return shown
    return next((alt for image in link.iter("img") if (alt := tidy(image.get("alt") or ""))), "")


def _stands_in(element: etree._Element, container: etree._Element) -> bool:
    return any(around is container for around in (element, *element.iterancestors()))
