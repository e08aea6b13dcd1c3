"""The canonical text of a body: its paragraphs and table rows, one a line."""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from archive.reading import LinkedFile
from crawler.reading.files import embedded_file, file_name, linked_file, picture
from crawler.reading.furniture import codes_to_scan, is_furniture
from crawler.reading.line import Line
from crawler.reading.outline import BLOCK_TAGS
from crawler.reading.page import Page
from crawler.reading.tables import Cell, Copies, Table, span_of, table_lines
from crawler.reading.whitespace import tidy

_CELLS = frozenset(("td", "th", "caption"))
_EMBEDDED = frozenset(("iframe", "embed", "object"))


def lines_of(page: Page, body: etree._Element, excluded: Collection[etree._Element]) -> list[Line]:
    """The lines of `body` without the `excluded` elements in it.

    Block elements and `<br>` begin a line, inline elements do not; a list item is a line, and no
    number is invented for it. A picture stands for its alternative text, a link to a file that
    has no text for the file's name.
    """
    return _Writer(page, {*excluded, *codes_to_scan(page.outline, body)}).write(body)


class _Writer:
    """Walks a body without recursion: nesting has no limit on pages."""

    def __init__(self, page: Page, excluded: Collection[etree._Element]) -> None:
        self._page = page
        self._excluded = excluded
        # The lines of the body, then those of each cell that is open, the innermost last.
        self._open: list[list[Line]] = [[]]
        self._tables: list[Table] = []
        self._copies = Copies()
        self._pieces: list[str] = []
        self._files: list[LinkedFile] = []
        self._page_links: list[bool] = []
        self._unlinked: list[str] = []

    def write(self, body: etree._Element) -> list[Line]:
        left_out: etree._Element | None = None
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._close(element, body, left_out=element is left_out)
                if element is not body:
                    self._say(element.tail)
            elif element is not body and (element in self._excluded or is_furniture(element)):
                if element.tag in _EMBEDDED:
                    self._keep(embedded_file(self._page, element), None)
                left_out = element
                walk.skip_subtree()
            else:
                self._begin(element, body)
                self._say(element.text)
        self._flush()
        return self._open[0]

    def _begin(self, element: etree._Element, body: etree._Element) -> None:
        tag = element.tag
        if tag in BLOCK_TAGS:
            self._flush()
        if tag == "table":
            self._tables.append(Table())
        elif self._tables and tag == "tr":
            self._tables[-1].rows.append([])
        elif self._tables and tag in _CELLS and element is not body:
            self._begin_cell(element)
        elif tag == "a":
            self._begin_link(element)
        elif tag == "img":
            self._keep(picture(self._page, element), tidy(element.get("alt") or ""))
            self._say(element.get("alt"))

    def _begin_cell(self, element: etree._Element) -> None:
        rows = self._tables[-1].rows
        if not rows or element.tag == "caption":
            rows.append([])
        cell = Cell(span_of(element.get("colspan")), span_of(element.get("rowspan"), of_rows=True))
        rows[-1].append(cell)
        self._open.append(cell.lines)

    def _begin_link(self, element: etree._Element) -> None:
        url = linked_file(self._page, element)
        self._page_links.append(url is None and element.get("href") is not None)
        if url is None:
            return
        text = self._page.outline.text_of(element)
        self._keep(url, text)
        if not text and element.find(".//img[@alt]") is None:
            self._say(file_name(url))

    def _close(self, element: etree._Element, body: etree._Element, *, left_out: bool) -> None:
        tag = element.tag
        if tag in BLOCK_TAGS:
            self._flush()
        if left_out:
            return
        if tag == "table" and self._tables:
            self._open[-1] += table_lines(self._tables.pop(), self._copies)
        elif self._tables and tag in _CELLS and element is not body:
            self._open.pop()
        elif tag == "a":
            self._page_links.pop()

    def _say(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            if not any(self._page_links):
                self._unlinked.append(text)

    def _keep(self, url: str | None, name: str | None) -> None:
        if url is not None:
            self._files.append(LinkedFile(name or file_name(url), url))

    def _flush(self) -> None:
        if self._pieces or self._files:
            text = tidy("".join(self._pieces))
            if text or self._files:
                line = Line(text, tidy("".join(self._unlinked)), tuple(self._files))
                self._open[-1].append(line)
            self._pieces.clear()
            self._files.clear()
        self._unlinked.clear()
