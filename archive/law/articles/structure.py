"""A text read as a legal text: where its headings, articles, items and annexes begin. Pure.

Every line belongs to one unit, so that the units together are the text; what has no number is a
paragraph. What stands inside an article (款, 项, 目, a table) is part of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.law.articles.closings import ends_sentence, is_apart, is_formula
from archive.law.articles.markers import HEADINGS, ITEMS, Marker, Style, is_heading_like, marker_of
from archive.law.articles.quotations import quoted_lines
from archive.law.articles.units import Kind, Structure, Unit

# What stands under what: a unit stands under the nearest one before it with a lower rank.
_RANKS = {
    Style.ANNEX: 0,
    Style.PART: 10,
    Style.SUBPART: 20,
    Style.DIVISION: 20,
    Style.CHAPTER: 30,
    Style.SECTION: 40,
}
_RANK_WITHOUT_NUMBER = 50
_RANK_ABOVE_ARTICLES = 55
_RANK_OF_ARTICLES = 60
_RANK_OF_ITEMS = 70
_RANK_OF_PARAGRAPHS = 100
_TITLE_LENGTH = 60
_HEADING_LENGTH = 30
_CONTENTS_LENGTH = 1000
_LEVELS_ABOVE_ARTICLES = 3
_NO_HEADING = re.compile(r"[。；;：:，,、！!？?\t]")
_AMENDS = re.compile(r"改|调整|表述|增加|作为")
_FULL_STOP = re.compile(r"[。！？”）)]\s*$")
_CONTENTS = re.compile(r"目\s*[录次]")
_LEADERS = re.compile(r"[\s.．·…\d]+$|\s+")
_ARABIC = frozenset((Style.DOT, Style.DIGIT_PAREN, Style.CIRCLE))
_FILE_OR_LIST = re.compile(r"\.[a-z]{2,4}$", re.IGNORECASE)


def structure_of(text: str) -> Structure:
    """The structure of a canonical text: paragraphs and table rows, one a line."""
    return _Reader(text.split("\n")).read() if text else Structure(())


@dataclass(slots=True)
class _Begun:
    """A unit from its first line on; where it ends is known when the next one begins."""

    kind: Kind
    place: int
    marker: Marker | None
    rank: int
    parent: int | None


class _Reader:
    """Goes through the lines of a text once, with a look at the next ones."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        quoted = quoted_lines(lines)
        decimals = _numbered_by_decimals(lines)
        self._markers = [
            None if place in quoted else marker_of(line, decimals=decimals)
            for place, line in enumerate(lines)
        ]
        self._units: list[_Begun] = []
        # The units that what follows can stand under, each of a higher rank than the one before.
        self._open: list[int] = []
        # The styles of the items that are open, the outermost first.
        self._levels: list[Style] = []
        # Whether a line without a number belongs to the last unit, and whether items do.
        self._holds_lines = False
        self._in_article = False
        self._last_article: tuple[int, ...] = ()
        # The number that goes on with a list of annexes.
        self._listed: Marker | None = None

    def read(self) -> Structure:
        place = 0
        while place < len(self._lines):
            end = self._end_of_contents(place)
            if end > place:
                self._begin_paragraph(place)
                place = end
                continue
            self._take(place)
            place += 1
        return Structure(tuple(self._finished()))

    def _take(self, place: int) -> None:
        marker = self._markers[place]
        if self._goes_on_listing(marker):
            self._listed = marker
            return
        if self._listed is not None:
            self._listed, self._holds_lines = None, False
        if marker is None:
            self._take_plain(place)
        elif marker.style is Style.ANNEX:
            self._begin_annex(place, marker)
        elif marker.style in HEADINGS:
            self._begin(Kind.HEADING, place, marker, _RANKS[marker.style])
            self._levels = []
            self._in_article = False
        elif marker.style is Style.ARTICLE:
            if self._is_article(place, marker):
                self._begin(Kind.ARTICLE, place, marker, _RANK_OF_ARTICLES)
                self._in_article, self._last_article = True, marker.value
            else:
                self._take_plain(place)
        elif self._is_item(place, marker):
            self._begin_item(place, marker)
        elif not self._holds_lines:
            self._take_plain(place)

    # --- what begins here ---------------------------------------------------------------------

    def _take_plain(self, place: int) -> None:
        line = self._lines[place]
        if is_apart(self._lines, place) or (
            self._holds_lines and self._is_last_item() and is_formula(line)
        ):
            self._close()
            self._begin_paragraph(place)
        elif self._stands_above(place):
            self._begin(Kind.HEADING, place, None, _RANK_WITHOUT_NUMBER)
            self._holds_lines = self._in_article = False
            self._levels = []
        elif not self._holds_lines:
            self._begin_paragraph(place)

    def _begin_paragraph(self, place: int) -> None:
        parent = self._open[-1] if self._open else None
        self._units.append(_Begun(Kind.PARAGRAPH, place, None, _RANK_OF_PARAGRAPHS, parent))
        self._holds_lines = self._in_article = False

    def _begin_annex(self, place: int, marker: Marker) -> None:
        self._close()
        self._begin(Kind.ANNEX, place, marker, _RANKS[Style.ANNEX])
        named = re.split("[:：]", marker.text, maxsplit=1)[-1].strip()
        first = marker_of(named) if named != marker.text else None
        if first is not None and first.style in ITEMS:
            self._listed = first
        self._holds_lines = _FILE_OR_LIST.search(named) is None

    def _begin_item(self, place: int, marker: Marker) -> None:
        style = marker.style
        if style is Style.DECIMAL:
            above = self._levels[:1] or [style]
            self._levels = (above + [style] * len(marker.value))[: len(marker.value)]
        elif style in self._levels:
            del self._levels[self._levels.index(style) + 1 :]
        else:
            self._levels.append(style)
        base = _RANK_ABOVE_ARTICLES if self._heads_articles(place) else _RANK_OF_ITEMS
        self._begin(Kind.ITEM, place, marker, base + len(self._levels) - 1)
        self._in_article = False

    def _begin(self, kind: Kind, place: int, marker: Marker | None, rank: int) -> None:
        while self._open and self._units[self._open[-1]].rank >= rank:
            self._open.pop()
        parent = self._open[-1] if self._open else None
        self._open.append(len(self._units))
        self._units.append(_Begun(kind, place, marker, rank, parent))
        self._holds_lines = True

    def _close(self) -> None:
        """What follows stands under nothing that was before."""
        self._open, self._levels = [], []
        self._holds_lines = self._in_article = False
        self._last_article = ()

    # --- judging ------------------------------------------------------------------------------

    def _is_article(self, place: int, marker: Marker) -> bool:
        """Whether an article begins here, and not a sentence that mentions or quotes one."""
        follows = _follows(self._last_article, marker.value)
        if follows:
            return not (marker.refers and not marker.stands_apart)
        if marker.refers:
            return False
        before = self._lines[place - 1] if place else ""
        if self._is_last_item() and self._holds_lines:
            item = self._units[-1]
            if item.rank < _RANK_OF_ARTICLES:
                return True
            return marker.is_first and not _leads_in(before)
        if self._in_article and self._leads_in_since_article(place):
            return False
        return marker.stands_apart or marker.is_first or marker.value > self._last_article

    def _leads_in_since_article(self, place: int) -> bool:
        """Whether the article that is open quotes, without quotation marks, what it amends."""
        return any(_leads_in(line) for line in self._lines[self._units[-1].place : place])

    def _is_item(self, place: int, marker: Marker) -> bool:
        if self._in_article:
            return _FULL_STOP.search(self._lines[place - 1]) is not None and (
                self._heads_articles(place)
            )
        if marker.style in _ARABIC and self._levels and marker.style not in self._levels:
            return marker.is_first
        return True

    def _is_last_item(self) -> bool:
        return bool(self._units) and self._units[-1].kind is Kind.ITEM

    def _heads_articles(self, place: int) -> bool:
        """Whether the item at `place` is a heading of articles, as 一、总则 can be."""
        # 一、 and （一） and 1. at most: a long list is not gone through for each of its items.
        for marker in self._markers[place : place + _LEVELS_ABOVE_ARTICLES + 1]:
            if marker is None or marker.style not in ITEMS:
                break
            if not is_heading_like(marker.text) or _NO_HEADING.search(marker.text):
                return False
        return (
            marker is not None
            and marker.style is Style.ARTICLE
            and (marker.is_first or _follows(self._last_article, marker.value))
            and not marker.refers
        )

    def _stands_above(self, place: int) -> bool:
        """Whether a line without a number is a heading: words between one unit and the next."""
        line = self._lines[place].strip()
        if place + 1 >= len(self._lines) or self._markers[place] is not None:
            return False
        following = self._markers[place + 1]
        if following is None or _NO_HEADING.search(line) or not line:
            return False
        if following.style is Style.ANNEX or following.refers:
            return False
        if not self._holds_lines:
            return len(line) <= _TITLE_LENGTH
        if len(line) > _HEADING_LENGTH or not ends_sentence(self._lines[place - 1]):
            return False
        if following.style in HEADINGS or following.style is Style.ARTICLE:
            return self._in_article or following.is_first
        if self._in_article:
            return False
        return following.style in self._levels[:1] or (
            following.is_first and following.style in self._levels
        )

    def _goes_on_listing(self, marker: Marker | None) -> bool:
        """Whether a line goes on with the annexes that 附件：1.…… began to name."""
        last = self._listed
        return (
            last is not None
            and marker is not None
            and marker.style is last.style
            and _follows(last.value, marker.value)
        )

    def _end_of_contents(self, place: int) -> int:
        """Where a table of contents that begins at `place` ends; `place` if none does."""
        lines = self._lines
        if _CONTENTS.fullmatch(lines[place].strip()) is None or place + 2 >= len(lines):
            return place
        if not is_heading_like(lines[place + 1]):
            return place
        first = _entry(lines[place + 1])
        for end in range(place + 2, min(place + _CONTENTS_LENGTH, len(lines))):
            if not is_heading_like(lines[end]):
                return place
            if _entry(lines[end]) == first:
                return end
        return place

    def _finished(self) -> list[Unit]:
        ends = [begun.place for begun in self._units[1:]] + [len(self._lines)]
        return [
            _unit(begun, self._lines[begun.place : end])
            for begun, end in zip(self._units, ends, strict=True)
        ]


def _unit(begun: _Begun, lines: Sequence[str]) -> Unit:
    marker = begun.marker
    if marker is None:
        return Unit(
            kind=begun.kind,
            number=None,
            text="\n".join(lines),
            parent=begun.parent,
            level=begun.rank,
        )
    return Unit(
        kind=begun.kind,
        number=marker.number or None,
        text="\n".join([marker.text, *lines[1:]]),
        parent=begun.parent,
        level=begun.rank,
        lead=marker.lead,
        gap=marker.gap,
    )


def _follows(last: tuple[int, ...], value: tuple[int, ...]) -> bool:
    """Whether `value` is the next number after `last`, the first one if there is none."""
    head = last[0] if last else 0
    return value in ((head + 1,), (head, 1), (*last[:1], (last[1] if len(last) > 1 else 0) + 1))


def _leads_in(line: str) -> bool:
    """Whether a line announces the words that an article is to have: 第五条修改为："""
    return line.rstrip().endswith((":", "：")) and _AMENDS.search(line) is not None


def _entry(line: str) -> str:
    """A line of a table of contents without dots and the page's number."""
    return _LEADERS.sub("", line)


def _numbered_by_decimals(lines: Sequence[str]) -> bool:
    """Whether the text is numbered 1, 1.1, 1.1.1, as emergency plans are."""
    values = {
        marker.value
        for line in lines
        if line[:1].isdigit()
        and (marker := marker_of(line, decimals=True)) is not None
        and marker.style is Style.DECIMAL
    }
    return (1, 1) in values and any(value != (1, 1) and len(value) > 1 for value in values)
