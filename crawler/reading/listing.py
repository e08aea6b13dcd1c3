"""List pages: the rows of a column and the way to its next page."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from crawler.reading.body import named_bodies
from crawler.reading.datastore import list_page
from crawler.reading.evidence import Evidence
from crawler.reading.furniture import Surroundings
from crawler.reading.heading import heading_of
from crawler.reading.opened import address_of, opening_elements
from crawler.reading.outline import names_of
from crawler.reading.page import Page
from crawler.reading.pager import HIDDEN_INPUT, Pager, is_pager_link, is_pager_word, read_pager
from crawler.reading.recognition import recognise
from crawler.reading.values import find_date
from crawler.reading.whitespace import squeeze, tidy

_ROW_TAGS = frozenset(("li", "tr"))
_MOST_LINKS_IN_ROW = 3
_MOST_LEVELS = 5
# A pager's hidden input stands in the block of its list, or beside it.
_LEVELS_TO_LIST = 16
# So many elements in a link are looked at for the date of its row.
_MOST_PARTS = 50
# A date with all the white space that a template puts around it; links can hold one another, so
# that each of their parts is nearly the page.
_LONGEST_PART = 200
_ENOUGH_DATES = 2
_ENOUGH_TITLES = 3
_LONG_TITLE = 8
_MAY_HOLD_DATE = ("span", "i", "em", "b", "p", "div", "time", "small", "td")
NO_TITLES = frozenset(("更多", "more", "查看更多", "更多>>", "更多>", "详细", "详情"))
"""What links say that lead on from an excerpt, and that so are nobody's title."""
_DOTS = ".…"
_FOLDER = re.compile(r"(?:^|/)(?:(?:index|default)\.\w+)?$", re.I)
# What introduces a column may stand where other pages have their text.
_LITTLE_TEXT = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: where it leads, its whole title, its date (ISO) if it has one."""

    url: str
    title: str
    date: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page read as a list.

    `leads_on` tells that there is a next page, whether or not its address could be found.
    `is_list` is False for a page that stands where the list should be, such as a firewall's
    challenge or an error notice, and `reason` says in a few words what it is.
    """

    title: str = ""
    rows: tuple[Row, ...] = ()
    next_page: str | None = None
    page: int | None = None
    total_pages: int | None = None
    leads_on: bool = False
    is_list: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ListEvidence:
    """What speaks for a page being a list.

    `certain` tells that its markup says so; `rows` counts the entries found, `characters` is how
    much they say.
    """

    certain: bool = False
    rows: int = 0
    characters: int = 0
    container: etree._Element | None = None

    def within(self, body: etree._Element) -> bool:
        """Whether the list stands in `body`."""
        return self.container is not None and any(
            element is body for element in (self.container, *self.container.iterancestors())
        )


def read_list(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    notices: Mapping[str, Sequence[str]] | None = None,
) -> Listing:
    """Read a page that is known to be a column's, so that little is asked of its rows.

    `notices` are as in `ReaderSettings`. Never raises on input. A list can be empty, or have a
    single row without a date.
    """
    return listing_of(list_page(body, url=url, content_type=content_type), notices)


def listing_of(page: Page, notices: Mapping[str, Sequence[str]] | None = None) -> Listing:
    """What `read_list` makes of a page."""
    found = _find(page)
    if not found.rows and (opened := _find(page, opened=True)).rows:
        found = opened
    if not (found.certain or found.rows):
        found = _Rows(page).weightiest()
    finding = recognise(Evidence(page, has_rows=bool(found.rows)), notices)
    if finding is not None:
        return Listing(is_list=False, reason=finding.reason)
    if not found.certain and _is_beside_document(page, found):
        return Listing(is_list=False, reason="a document")
    pager = read_pager(page)
    return Listing(
        title=heading_of(page, None)[0],
        rows=tuple(row for row, _ in found.rows),
        next_page=pager.next_page,
        page=pager.page,
        total_pages=pager.total_pages,
        leads_on=pager.leads_on,
    )


def list_evidence(page: Page) -> ListEvidence:
    """What speaks for `page` being a list of documents."""
    found = _find(page)
    if not found.rows:
        opened = _find(page, opened=True)
        if any(row.date for row, _ in opened.rows):
            found = opened
    return ListEvidence(
        found.certain,
        len(found.rows),
        sum(len(row.title) for row, _ in found.rows),
        found.container,
    )


def dated_rows(page: Page) -> list[tuple[etree._Element, Row]]:
    """The rows with a date of all lists on a page, each with its element, in page order.

    Those in the head, the foot and the menus of the page are left out.
    """
    return [(element, row) for element, row in _Rows(page).candidates() if row.date]


@dataclass(slots=True)
class _Found:
    container: etree._Element | None = None
    rows: list[tuple[Row, etree._Element]] = field(default_factory=list)
    certain: bool = False


def _find(page: Page, *, opened: bool = False) -> _Found:
    """The list of a page: where the markup marks one, that; else the longest run of rows.

    With `opened`, that of what leads somewhere by script alone.
    """
    rows = _Rows(page, opened=opened)
    marked = _marked(page)
    hidden = next((one for one in page.root.iter("input") if one.get("name") == HIDDEN_INPUT), None)
    if marked:
        best = max(
            (_Found(element, rows.within(element), certain=True) for element in marked),
            key=lambda found: (_holds(found.container, hidden), len(found.rows)),
        )
        if best.rows or hidden is None:
            return best
    if hidden is not None:
        for around in islice(hidden.iterancestors(), _LEVELS_TO_LIST):
            if around.tag not in ("body", "html") and (inside := rows.within(around)):
                return _Found(around, inside, certain=True)
    run = rows.longest_run()
    return run if hidden is None else _Found(run.container, run.rows, certain=True)


def _is_beside_document(page: Page, found: _Found) -> bool:
    """Whether the rows of a page stand beside a document's text that says more than they do."""
    if found.container is None:
        return False
    around = {found.container, *found.container.iterancestors()}
    said = sum(len(row.title) for row, _ in found.rows)
    told = max(
        (page.outline.plain(body) for body in named_bodies(page, ()) if body not in around),
        default=0,
    )
    return told > max(said, _LITTLE_TEXT) and read_pager(page) == Pager()


def _once(rows: Iterable[tuple[Row, etree._Element]]) -> list[tuple[Row, etree._Element]]:
    """The first row for each address."""
    by_url: dict[str, tuple[Row, etree._Element]] = {}
    for row, element in rows:
        by_url.setdefault(row.url, (row, element))
    return list(by_url.values())


def _marked(page: Page) -> list[etree._Element]:
    """The elements that say of themselves that they are lists, none inside another."""
    marked: list[etree._Element] = []
    end = -1
    for element in page.outline.elements:
        if element.get("opentype") == "page" and page.outline.span(element)[0] > end:
            marked.append(element)
            end = page.outline.span(element)[1]
    return marked


def _holds(container: etree._Element | None, element: etree._Element | None) -> bool:
    return element is not None and any(around is container for around in element.iterancestors())


class _Rows:
    """The links of a page as rows of lists; with `opened`, what leads on by script alone."""

    def __init__(self, page: Page, *, opened: bool = False) -> None:
        self._page = page
        self._opened = opened
        if opened:
            chosen = [one for one in opening_elements(page) if not is_pager_word(page, one)]
            self._links = chosen[::-1]
        else:
            self._links = [
                link
                for link in page.outline.elements
                if link.tag == "a" and link.get("href") and not is_pager_link(page, link)
            ]
        self._known: dict[tuple[etree._Element, etree._Element], Row | None] = {}
        self._offsets = [page.outline.span(link)[0] for link in self._links]
        self._surroundings = Surroundings()

    def within(self, container: etree._Element) -> list[tuple[Row, etree._Element]]:
        """The rows in `container`, each with its element, in page order."""
        begin, end = self._page.outline.span(container)
        first, last = bisect_left(self._offsets, begin), bisect_left(self._offsets, end)
        by_row: dict[etree._Element, Row] = {}
        for link in self._links[first:last]:
            element = self._element_of(link, container)
            row = self._row(link, element)
            if row is None:
                continue
            known = by_row.get(element)
            if known is None or len(known.title) < len(row.title):
                by_row[element] = row
        return _once((row, element) for element, row in by_row.items())

    def weightiest(self) -> _Found:
        """The siblings whose titles say the most, dated ones before all others.

        Where nothing but the configuration says that a page is a list, these are its rows. Menus
        are told by where they lead: to the front pages of folders that are not the list's.
        """
        by_parent: dict[etree._Element, list[tuple[Row, etree._Element]]] = {}
        for element, row in self.candidates():
            parent = element.getparent()
            if parent is not None:
                by_parent.setdefault(parent, []).append((row, element))
        best = max(
            (parent for parent in by_parent if not self._is_menu(by_parent[parent])),
            key=lambda parent: (
                any(row.date for row, _ in by_parent[parent]),
                sum(len(row.title) for row, _ in by_parent[parent]),
            ),
            default=None,
        )
        return _Found() if best is None else _Found(best, _once(by_parent[best]))

    def _is_menu(self, rows: list[tuple[Row, etree._Element]]) -> bool:
        folder = urlsplit(self._page.url).path.rpartition("/")[0] + "/"
        return all(
            row.date is None
            and _FOLDER.search(path := urlsplit(row.url).path)
            and not path.startswith(folder)
            for row, _ in rows
        )

    def longest_run(self) -> _Found:
        """The largest run of sibling rows with dates, else of rows with long titles in a list."""
        candidates = self.candidates()
        for enough, chosen in (
            (_ENOUGH_DATES, [one for one in candidates if one[1].date]),
            (_ENOUGH_TITLES, [one for one in candidates if len(one[1].title) >= _LONG_TITLE]),
        ):
            container = self._container(chosen, enough)
            if container is None:
                continue
            if enough == _ENOUGH_TITLES and not self._is_named_list(container):
                continue
            return _Found(container, self.within(container))
        return _Found()

    def candidates(self) -> list[tuple[etree._Element, Row]]:
        """The links that are no part of a page's head, foot or navigation, as rows."""
        candidates: list[tuple[etree._Element, Row]] = []
        for link in self._links:
            if self._surroundings.hold(link):
                continue
            element = self._element_of(link, None)
            row = self._row(link, element)
            if row is not None:
                candidates.append((element, row))
        return candidates

    def _container(
        self, rows: list[tuple[etree._Element, Row]], enough: int
    ) -> etree._Element | None:
        """The element whose children are most of `rows`, enlarged over its like beside it."""
        counts: Counter[etree._Element] = Counter()
        for element, _ in rows:
            for around, _level in zip(element.iterancestors(), range(_MOST_LEVELS), strict=False):
                counts[around] += 1
        parents = Counter(element.getparent() for element, _ in rows)
        best = max(parents, key=lambda parent: parents[parent], default=None)
        if best is None:
            return None
        for around in list(best.iterancestors())[:_MOST_LEVELS]:
            alike = [child for child in around if child.tag == best.tag and counts[child]]
            same = len({child.get("class") for child in alike}) == 1
            single = len(alike) == 1 and counts[around] == counts[best]
            if around.tag in ("body", "html") or (not (len(alike) > 1 and same) and not single):
                break
            if len(alike) > 1:
                counts[around] = sum(counts[child] for child in alike)
            best = around
        return best if counts[best] >= enough else None

    def _is_named_list(self, container: etree._Element) -> bool:
        around = (container, *container.iterancestors())[:3]
        named = any("list" in name for element in around for name in names_of(element))
        return named or read_pager(self._page) != Pager()

    def _element_of(self, link: etree._Element, container: etree._Element | None) -> etree._Element:
        """The element of the row that a link stands in."""
        row = link
        for level, around in enumerate(link.iterancestors()):
            if around is container or around.tag in ("body", "html") or level == _MOST_LEVELS:
                break
            links = self._count(around)
            if around.tag in _ROW_TAGS and links <= _MOST_LINKS_IN_ROW:
                row = around
                if links > 1:
                    break
            elif links == 1:
                row = around
            elif links > _MOST_LINKS_IN_ROW:
                break
        return row

    def _count(self, element: etree._Element) -> int:
        begin, end = self._page.outline.span(element)
        return bisect_left(self._offsets, end) - bisect_left(self._offsets, begin)

    def _row(self, link: etree._Element, element: etree._Element) -> Row | None:
        # The rows of a page's longest run are asked for twice.
        if (link, element) not in self._known:
            self._known[link, element] = self._read_row(link, element)
        return self._known[link, element]

    def _read_row(self, link: etree._Element, element: etree._Element) -> Row | None:
        page = self._page
        url = address_of(page, link) if self._opened else page.absolute(link.get("href"))
        if url is None:
            return None
        date, dated = self._date(link, element)
        title = self._title(link, dated)
        if not title or title.lower().strip("[]【】()（）>› ") in NO_TITLES:
            return None
        return Row(url, title, date)

    def _date(
        self, link: etree._Element, element: etree._Element
    ) -> tuple[str | None, etree._Element | None]:
        """The date of a row, and the element inside the link that holds it, if one does."""
        outline = self._page.outline
        begin, end = outline.span(element)
        link_begin, link_end = outline.span(link)
        if element is link:
            parent = link.getparent()
            following = link.getnext()
            end = outline.span(parent)[1] if parent is not None else end
            if following is not None and self._count(following):
                end = outline.span(following)[0]
            # What stands behind the next link is that one's.
            after = bisect_left(self._offsets, link_end)
            if after < len(self._offsets):
                end = min(end, self._offsets[after])
        aside = outline.tidy(begin, link_begin) if begin < link_begin else ""
        date = find_date(aside + " " + outline.tidy(link_end, end)) if link_end < end else None
        date = date or find_date(aside)
        if date is None and element.tag == "dt":
            beside = element.getnext()
            date = find_date(outline.text_of(beside)) if beside is not None else None
        if date is not None:
            return date, None
        inside = link.iterdescendants(*_MAY_HOLD_DATE)
        for inner in islice(inside, _MOST_PARTS):
            part_begin, part_end = outline.span(inner) if inner in outline else (0, 0)
            if part_end - part_begin > _LONGEST_PART:
                continue
            text = outline.tidy(part_begin, part_end)
            found = find_date(text)
            if found and len(squeeze(text)) <= len("[2024年12月23日]"):
                return found, inner
        return None, None

    def _title(self, link: etree._Element, dated: etree._Element | None) -> str:
        """The whole title: of the `title` attribute where the link's text is only its beginning."""
        outline = self._page.outline
        begin, end = outline.span(link)
        if dated is not None:
            date_begin, date_end = outline.span(dated)
            text = tidy(outline.tidy(begin, date_begin) + " " + outline.tidy(date_end, end))
        else:
            text = outline.tidy(begin, end)
        if link.tag == "tr":
            # Who opens a whole row has its title in one of the cells.
            cells = [one for one in link.iterchildren("td") if one is not dated]
            text = max(map(outline.text_of, cells), key=len, default=text)
        heading = next(link.iterdescendants("h1", "h2", "h3", "h4", "h5"), None)
        if heading is not None and heading in outline:
            text = outline.text_of(heading) or text
        stem = squeeze(text).rstrip(_DOTS)
        for line in (link.get("title") or "").splitlines():
            whole = tidy(line).removeprefix("标题：").removeprefix("标题:")
            if whole and (
                not stem or (len(squeeze(whole)) >= len(stem) and stem in squeeze(whole))
            ):
                return whole
        if not text:
            return next(
                (alt for image in link.iter("img") if (alt := tidy(image.get("alt") or ""))), ""
            )
        return text
