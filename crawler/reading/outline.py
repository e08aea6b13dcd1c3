"""The text of a page in one string, and where in it each element begins and ends.

Finding labels, headings and the body are all questions about text and about how much of it an
element holds. One walk over the tree answers them; what follows are look-ups.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from crawler.reading.whitespace import tidy

BLOCK_TAGS = frozenset(
    (
        *("html", "body", "div", "p", "section", "article", "main", "header", "footer", "nav"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "ul", "ol", "li"),
        *("dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr", "pre", "center"),
        *("aside", "form", "fieldset", "blockquote", "figure", "figcaption", "address"),
        *("details", "summary"),
    )
)
"""Elements that begin and end a line; all others run on in the line."""

UNSEEN_TAGS = frozenset(
    (
        *("head", "script", "style", "noscript", "template", "textarea", "select", "option"),
        *("svg", "math", "iframe", "object", "embed", "canvas", "audio", "video", "map"),
    )
)
"""Elements whose content no reader of the page sees as its text."""

LINE = "\x1e"
RUN = "\x1f"
"""In the outline's text: the edge of a block element, and that of an inline one."""


class Outline:
    """The text under `root`; offsets count characters of `text`.

    `text` holds each text node, and `LINE` or `RUN` at each edge of an element.
    """

    def __init__(self, root: etree._Element) -> None:
        self.elements: list[etree._Element] = []
        self.named: dict[etree._Element, tuple[str, ...]] = {}
        """The elements that have an id or a class, with both as by `names_of`."""
        self._number: dict[etree._Element, int] = {}
        self._begin: list[int] = []
        self._end: list[int] = []
        self._visible: list[int] = []
        self._linked: list[int] = []
        self._piece_offsets: list[int] = []
        self._piece_owners: list[int] = []
        self.text = self._build(root)

    def _build(self, root: etree._Element) -> str:
        # One pass over every node of every page, so what it counts is kept in local variables. The
        # tree is walked in document order and elements are closed when the next one stands outside
        # them: half the steps of a walk that reports both edges. An element's entry holds the
        # count at its beginning until its end is reached.
        elements, number_of, named = self.elements, self._number, self.named
        begin, end, visible_in, linked_in = self._begin, self._end, self._visible, self._linked
        piece_offsets, piece_owners = self._piece_offsets, self._piece_owners
        pieces: list[str] = []
        unseen: set[etree._Element] = set()
        # The open elements, each with its number, the edge that it ends with, and whether it links.
        open_elements: list[tuple[etree._Element, int, str, bool]] = []
        offset = visible = linked = links = 0

        def write(text: str, owner: int) -> None:
            nonlocal offset, visible, linked
            if text.isspace():
                # Most text nodes are the source's indentation; nobody asks whose it is.
                pieces.append(" ")
                offset += 1
                return
            piece_offsets.append(offset)
            piece_owners.append(owner)
            pieces.append(text)
            offset += len(text)
            shown = len(text.strip())
            visible += shown
            if links:
                linked += shown

        def close() -> None:
            nonlocal offset, links
            element, number, edge, is_link = open_elements.pop()
            links -= is_link
            end[number] = offset
            pieces.append(edge)
            offset += 1
            visible_in[number] = visible - visible_in[number]
            linked_in[number] = linked - linked_in[number]
            tail = element.tail
            if tail:
                write(tail, open_elements[-1][1] if open_elements else 0)

        for element in root.iter():
            parent = element.getparent()
            if parent in unseen:
                if len(element):
                    unseen.add(element)
                continue
            while open_elements and open_elements[-1][0] is not parent:
                close()
            tag = element.tag
            edge = LINE if tag in BLOCK_TAGS else RUN
            pieces.append(edge)
            offset += 1
            number = len(elements)
            elements.append(element)
            number_of[element] = number
            if names := names_of(element):
                named[element] = names
            is_link = tag == "a"
            links += is_link
            open_elements.append((element, number, edge, is_link))
            begin.append(offset)
            end.append(offset)
            visible_in.append(visible)
            linked_in.append(linked)
            if tag in UNSEEN_TAGS:
                unseen.add(element)
                continue
            text = element.text
            if text:
                write(text, number)
        while open_elements:
            close()
        return "".join(pieces)

    def span(self, element: etree._Element) -> tuple[int, int]:
        """Where the text of `element` begins and ends; `(0, 0)` for one that nobody sees."""
        number = self._number.get(element)
        return (0, 0) if number is None else (self._begin[number], self._end[number])

    def text_of(self, element: etree._Element) -> str:
        """The text of `element` on one line."""
        return self.tidy(*self.span(element))

    def lines(self, element: etree._Element) -> Iterator[tuple[int, int]]:
        """Where each line of `element` begins and ends, empty ones too."""
        begin, end = self.span(element)
        while begin <= end:
            edge = self.text.find(LINE, begin, end)
            line_end = end if edge < 0 else edge
            yield begin, line_end
            begin = line_end + 1

    def tidy(self, begin: int, end: int) -> str:
        """The text between two offsets on one line."""
        return tidy(self.text[begin:end].replace(RUN, "").replace(LINE, " "))

    def visible(self, element: etree._Element) -> int:
        """How many characters `element` shows, white space at the ends of text nodes left out."""
        number = self._number.get(element)
        return 0 if number is None else self._visible[number]

    def linked(self, element: etree._Element) -> int:
        """How many of these stand in links."""
        number = self._number.get(element)
        return 0 if number is None else self._linked[number]

    def plain(self, element: etree._Element) -> int:
        """How many of these do not."""
        return self.visible(element) - self.linked(element)

    def owner(self, offset: int) -> etree._Element:
        """The innermost element around the text at `offset`."""
        piece = bisect_right(self._piece_offsets, offset) - 1
        return self.elements[self._piece_owners[max(piece, 0)]]

    def child_from(self, parent: etree._Element, offset: int) -> etree._Element | None:
        """The first child of `parent` that begins at `offset` or after it."""
        last = self.span(parent)[1]
        while True:
            number = bisect_left(self._begin, offset)
            if number == len(self._begin) or self._begin[number] > last:
                return None
            child = self.elements[number]
            while (around := child.getparent()) is not parent:
                if around is None:
                    return None
                child = around
            if self.span(child)[0] >= offset:
                return child
            # It had begun before: the offset stands inside it.
            offset = max(self.span(child)[1], offset + 1)

    def __contains__(self, element: etree._Element) -> bool:
        return element in self._number


def names_of(element: etree._Element) -> tuple[str, ...]:
    """The id and the classes of an element, folded so that spellings of one name agree."""
    identity, classes = element.get("id"), element.get("class")
    return _folded(identity or "", classes or "") if identity or classes else ()


@lru_cache(maxsize=4096)
def _folded(identity: str, classes: str) -> tuple[str, ...]:
    # A portal's pages share their template, and so nearly all of their names.
    names = f"{identity} {classes}"
    return tuple(names.lower().replace("-", "").replace("_", "").split())
