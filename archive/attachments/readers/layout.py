"""From lines on pages to paragraphs: formats for printing know where signs stand, and no more.

A line goes on in the next one where it reaches the right margin and the next one begins at the left
one. So a paragraph is the same whether it was set in four lines or in five, and across pages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from archive.attachments.readers.found import Lines

# In sizes of the line's characters: how far from a margin still counts as at it. A line ends early
# where the next one would begin with a comma, and what stands before that goes with it.
_AT_LEFT = 0.7
_AT_RIGHT = 2.6
# How much wider than usual a space between two lines parts paragraphs.
_APART = 1.7
_PAGE_NUMBER = re.compile(
    r"[-–—―－·.\s]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/／，,共]?\s*共?\s*\d{1,4}\s*页?)?[-–—―－·.\s]*"
)
_OPENING = re.compile(
    r"第[〇零一二三四五六七八九十百千\d]+[编章节条]|[一二三四五六七八九十百]+、|[（(][一二三四五六七八九十百\d]+[）)]"
    r"|\d{1,3}[.．、](?!\d)|附件|附表"
)
# Of fewer pages, what they share may well be their text.
_SEVERAL = 3
_WORD = re.compile(r"[A-Za-z0-9,.;:)\]%]$")
_WORD_BEGINS = re.compile(r"[A-Za-z0-9(\[]")


class PrintedLine(NamedTuple):
    """A line of signs, or a row of a table (`is_row`, its cells apart by tabs), on a page.

    Lengths are in the page's unit, `top` and `bottom` from its upper edge.
    """

    text: str
    left: float
    right: float
    top: float
    bottom: float
    is_row: bool = False

    @property
    def size(self) -> float:
        """The height of its characters."""
        return max(self.bottom - self.top, 1.0)


class Page(NamedTuple):
    """A page's lines in the order of reading."""

    lines: Sequence[PrintedLine]
    height: float


def paragraphs(pages: Iterable[Page], lines: Lines) -> None:
    """Add the paragraphs and rows of pages to the lines of a text.

    What stands at the edge of most pages is a header or a footer, and no part of it.
    """
    pages = list(pages)
    running = _running(pages)
    held = ""
    goes_on = False
    for page in pages:
        shown = _without_edges(page, running)
        left, right, pitch = _measures(shown)
        last: PrintedLine | None = None
        for line in shown:
            if line.is_row:
                lines.add(held)
                held, goes_on, last = "", False, None
                lines.add_row(line.text.split("\t"))
                continue
            apart = last is not None and line.top - last.top > _APART * pitch
            begins = line.left - left > _AT_LEFT * line.size or _OPENING.match(line.text)
            if held and goes_on and not apart and not begins:
                held = joined(held, line.text)
            else:
                lines.add(held)
                held = line.text
            goes_on = right - line.right < _AT_RIGHT * line.size
            last = line
    lines.add(held)


def joined(before: str, after: str) -> str:
    """Two lines of one paragraph: words in Latin script keep a space between them."""
    before, after = before.rstrip(), after.lstrip()
    space = " " if _WORD.search(before) and _WORD_BEGINS.match(after) else ""
    return before + space + after


def _running(pages: Sequence[Page]) -> frozenset[str]:
    """The first and last lines, but for numbers in them, that most of several pages share."""
    if len(pages) < _SEVERAL:
        return frozenset()
    counts = Counter(
        key
        for page in pages
        for key in {_without_numbers(page.lines[place].text) for place in (0, -1) if page.lines}
    )
    return frozenset(
        key for key, count in counts.items() if len(key) > 1 and count > len(pages) / 2
    )


def _without_edges(page: Page, running: frozenset[str]) -> Sequence[PrintedLine]:
    """The lines of a page without its header, its footer and its number."""
    lines = list(page.lines)
    # A footer often stands below or above the number.
    for place in (-1, -1, 0, 0):
        if not lines or lines[place].is_row:
            continue
        line = lines[place]
        at_edge = line.top > page.height * 0.85 or line.bottom < page.height * 0.12
        if at_edge and (
            _PAGE_NUMBER.fullmatch(line.text) or _without_numbers(line.text) in running
        ):
            del lines[place]
    return lines


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "", text)


def _measures(lines: Sequence[PrintedLine]) -> tuple[float, float, float]:
    """The margins, and how far apart lines usually stand, of a page."""
    texts = [line for line in lines if not line.is_row]
    if not texts:
        return 0.0, 0.0, 1.0
    steps = sorted(other.top - one.top for one, other in pairwise(texts) if other.top > one.top)
    pitch = steps[len(steps) // 2] if steps else texts[0].size * 2
    return min(one.left for one in texts), max(one.right for one in texts), pitch
