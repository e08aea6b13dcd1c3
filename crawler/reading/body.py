"""The element of a page that holds the document's text.

Configured selectors come first, then the names that content systems of Chinese government portals
give this element, and where none of them is there, the element that most of the text stands in.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import cast

from lxml import etree
from lxml.cssselect import CSSSelector

from crawler.reading.files import linked_file
from crawler.reading.furniture import is_furniture_line, is_surrounding
from crawler.reading.metadata import Metadata
from crawler.reading.outline import BLOCK_TAGS, Outline
from crawler.reading.page import Page

# Ids and classes, folded as by `names_of`, the surest first.
_NAMES = (
    *("zoom", "easysitetext", "ucapcontent", "zoomcon", "trseditor", "trsueditor", "trseditorview"),
    *("vsbcontent", "vsbcontent2", "vsbcontent4", "easysitenewscontent", "easysitenewstext"),
    *("xxgkcontent", "articlecontent", "contentarticle", "articlecon", "articlebody", "artibody"),
    *("articletext", "newscontent", "newstext", "detailcontent", "wparticlecontent"),
    *("pagescontent", "vnewscontent", "contenttext", "textcontent", "zwcontent", "zwnr"),
    *("entrycontent", "maintext", "contxt", "bodycontent"),
)
_RANKS = {name: rank for rank, name in enumerate(dict.fromkeys(_NAMES))}
# These often hold more than the text: it is looked for inside them.
_WIDE_NAMES = frozenset(("content", "article", "con", "maincontent", "main"))
_WIDE_TAGS = frozenset(("article", "main"))

_PARAGRAPHS = frozenset(("p", "pre", "blockquote"))
_CONTAINERS = frozenset(
    ("html", "body", "div", "section", "article", "main", "center", "form", "td", "span", "font")
)
_FOOTER_WORDS = re.compile(r"ICP备|公网安备|网站标识码|版权所有|Copyright", re.I)
_LONGEST_FOOTER = 600
# Up to so many characters an element is looked at line by line: it might be furniture throughout.
_FEW = 200
# Together with the white space among them; what is emptier is not looked at.
_FEW_WITH_SPACE = 10_000


@dataclass(frozen=True, slots=True)
class Body:
    """The element with the text; `sure` tells that it was found by its name or as configured."""

    element: etree._Element
    sure: bool


def named_bodies(page: Page, selectors: Sequence[CSSSelector]) -> list[etree._Element]:
    """All elements that are a body by their name, the surest first, none inside another."""
    outline = page.outline
    ranked: list[tuple[int, int, etree._Element]] = []
    for rank, selector in enumerate(selectors, start=-len(selectors)):
        chosen = cast("list[etree._Element]", selector(page.root))
        ranked += [(rank, -outline.visible(one), one) for one in chosen if one in outline]
    for element, names in outline.named.items():
        for name in names:
            if name in _RANKS:
                ranked.append((_RANKS[name], -outline.visible(element), element))
    ranked.sort(key=lambda one: one[:2])
    found: dict[etree._Element, None] = {}
    for _, _, element in ranked:
        if not any(around in found for around in element.iterancestors()):
            found[element] = None
    return list(found)


def find_body(
    page: Page, named: Sequence[etree._Element], metadata: Metadata, start: int
) -> Body | None:
    """The body of a page, None if it has none.

    `named` is what `named_bodies` found, `start` the offset in the outline before which nothing
    but the page's head and heading stands.
    """
    outline = page.outline
    taken = _Taken(outline, metadata)
    for element in named:
        if _has_content(outline, page, element, taken):
            return Body(element, sure=True)
    weigher = _Weigher(outline, taken, start)
    for element in outline.elements:
        names = outline.named.get(element, ())
        wide = element.tag in _WIDE_TAGS or not _WIDE_NAMES.isdisjoint(names)
        if wide and weigher.weight(element):
            within = weigher.heaviest(element)
            return Body(within, sure=False) if within is not None else None
    found = weigher.heaviest(page.root)
    return Body(found, sure=False) if found is not None else None


def _has_content(outline: Outline, page: Page, element: etree._Element, taken: _Taken) -> bool:
    if outline.visible(element) > taken.visible(element):
        return True
    return element.find(".//img") is not None or any(
        linked_file(page, link) for link in element.iter("a", "iframe", "embed")
    )


class _Taken:
    """The elements that the metadata takes up, and how much text of others they are.

    What stands inside an element begins between its beginning and its end; so the sums need one
    look at each end.
    """

    def __init__(self, outline: Outline, metadata: Metadata) -> None:
        self._outline = outline
        parts = sorted(metadata.elements, key=lambda part: outline.span(part)[0])
        self._begins = [outline.span(part)[0] for part in parts]
        self._furthest = list(accumulate((outline.span(part)[1] for part in parts), max))
        self._visible = [0, *accumulate(map(outline.visible, parts))]
        self._plain = [0, *accumulate(map(outline.plain, parts))]

    @property
    def begin(self) -> int:
        """Where the first of them begins, 0 if there are none."""
        return self._begins[0] if self._begins else 0

    def holds(self, element: etree._Element) -> bool:
        """Whether an element is one of them or stands in one."""
        begin, end = self._outline.span(element)
        before = bisect_right(self._begins, begin)
        return before > 0 and self._furthest[before - 1] >= end

    def visible(self, element: etree._Element) -> int:
        """How many of the visible characters of an element are theirs, itself left out."""
        begin, end = self._outline.span(element)
        first = bisect_right(self._begins, begin)
        return self._visible[bisect_right(self._begins, end)] - self._visible[first]

    def plain(self, element: etree._Element) -> int:
        """How many of an element's characters outside links are theirs."""
        begin, end = self._outline.span(element)
        first = bisect_left(self._begins, begin)
        return self._plain[bisect_right(self._begins, end)] - self._plain[first]


class _Weigher:
    """Weighs elements by the text in them that may be a document's: no links, no furniture."""

    def __init__(self, outline: Outline, taken: _Taken, start: int) -> None:
        self._outline = outline
        self._taken = taken
        self._start = start
        self._head_end = start or taken.begin

    def weight(self, element: etree._Element) -> int:
        outline = self._outline
        begin, end = outline.span(element)
        plain = outline.plain(element)
        if plain <= 0 or end <= self._start or is_surrounding(element):
            return 0
        if self._taken.holds(element):
            return 0
        if element.get("opentype") == "page":
            return 0
        if plain <= _LONGEST_FOOTER and self._is_footer(element, begin, end):
            return 0
        if plain <= _FEW and end - begin <= _FEW_WITH_SPACE:
            lines = [outline.tidy(*line) for line in outline.lines(element)]
            plain = min(
                plain, sum(len(line) for line in lines if not is_furniture_line(line, line))
            )
        return max(plain - self._taken.plain(element), 0)

    def _is_footer(self, element: etree._Element, begin: int, end: int) -> bool:
        """Whether `element` holds a footer and does not begin above the text."""
        if not _FOOTER_WORDS.search(self._outline.text, begin, end):
            return False
        return begin >= self._head_end if self._head_end else self._is_line(element)

    def heaviest(self, root: etree._Element) -> etree._Element | None:
        """The innermost element that holds the text under `root` whole, None if there is none."""
        node = root
        while True:
            children = [(self.weight(child), child) for child in node]
            own = self._own(node)
            total = own + sum(weight for weight, _ in children)
            if not total:
                return None if node is root else node
            lines = own + sum(weight for weight, child in children if self._is_line(child))
            paragraphs = any(weight for weight, child in children if child.tag in _PARAGRAPHS)
            most, heaviest = max(children, key=lambda one: one[0], default=(0, node))
            best = self._layout_cell(heaviest) if heaviest.tag == "table" else heaviest
            if (
                paragraphs
                or lines * 10 > total
                or most * 2 < total
                or best is None
                or best.tag not in _CONTAINERS
            ):
                return node
            node = best

    def _layout_cell(self, table: etree._Element) -> etree._Element | None:
        """The cell that holds next to all of a table's text, None in a table of data.

        Compared with its other cells, so that metadata and a footer in these do not count.
        """
        cells = [
            (self.weight(cell), cell)
            for cell in table.iter("td")
            if next(cell.iterancestors("table")) is table
        ]
        total = sum(weight for weight, _ in cells)
        return next((cell for weight, cell in cells if weight * 10 >= total * 9), None)

    def _own(self, node: etree._Element) -> int:
        """How many characters stand in `node` itself, outside its children."""
        if self._outline.span(node)[1] <= self._start:
            return 0
        texts = [node.text, *(child.tail for child in node)]
        return sum(len(text.strip()) for text in texts if text)

    def _is_line(self, element: etree._Element) -> bool:
        """Whether an element is a single line, whatever its tag."""
        return not any(
            inner.tag in BLOCK_TAGS and inner.tag != "br" for inner in element.iterdescendants()
        )
