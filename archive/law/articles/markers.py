"""What a line begins with: the number of an article, of a heading or of an item, or an annex."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from archive.law.words.numerals import SIGNS, value_of


class Style(StrEnum):
    """The ways in which the parts of a text are numbered, by their word or an example."""

    ANNEX = "附件"
    PART = "编"
    SUBPART = "分编"
    DIVISION = "部分"
    CHAPTER = "章"
    SECTION = "节"
    ARTICLE = "条"
    COMMA = "一、"
    PAREN = "（一）"
    DOT = "1."
    DIGIT_PAREN = "（1）"
    CIRCLE = "①"
    DECIMAL = "1.1"


HEADINGS = frozenset((Style.PART, Style.SUBPART, Style.DIVISION, Style.CHAPTER, Style.SECTION))
"""The styles of headings above articles."""
ITEMS = frozenset(
    (Style.COMMA, Style.PAREN, Style.DOT, Style.DIGIT_PAREN, Style.CIRCLE, Style.DECIMAL)
)
"""The styles of policy documents, and of what stands inside an article."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A number at the beginning of a line, `number` as it is written there.

    `value` orders numbers of one style: that of 第十二条之一 is (12, 1), that of an annex without
    a number (). `lead` and `gap` are the white space before and after the number, `text` is what
    follows: the four make up the line again. An annex is not told by a number, so its `number` is
    empty and its `text` the whole line.
    """

    style: Style
    value: tuple[int, ...]
    lead: str
    number: str
    gap: str
    text: str

    @property
    def stands_apart(self) -> bool:
        """Whether the number is set off from what follows, as those of most articles are."""
        return bool(self.gap) or self.text == "" or self.text[0] in "【[［〔（(：:"

    @property
    def is_first(self) -> bool:
        """Whether it begins a count."""
        return self.value == (1,)

    @property
    def refers(self) -> bool:
        """Whether this reads as a mention of the number: 第五条第二款规定的……"""
        mention = _MENTION if self.gap else _MENTION_OR_AMENDMENT
        return mention.match(self.text) is not None


_NUMERAL = rf"[{SIGNS}0-9０-９](?:[{SIGNS}0-9０-９ \u3000]{{0,12}}[{SIGNS}0-9０-９])?"
_CHINESE = r"[一二三四五六七八九十百零〇]+"
_DIGITS = "[0-9０-９]"
_MENTION = re.compile(
    r"第.{1,4}[款项目条]|之?规定的?|所称的?|所列的?|所指的?|[中的至到和与及或、，]"
)
# What a decision says of an article that it amends.
_MENTION_OR_AMENDMENT = re.compile(rf"{_MENTION.pattern}|修改|改为|删|增加|作为|分为|合并")
# 条例 and 条款 are words of their own.
_ARTICLE = re.compile(
    rf"第\s*(?P<value>{_NUMERAL})\s*条(?![例款])"
    rf"(?:\s*之\s*(?P<after>[一二三四五六七八九十]{{1,3}})(?![^\s一二三四五六七八九十]*规定))?"
)
_HEADING = re.compile(rf"第\s*(?P<value>{_NUMERAL})\s*(?P<word>分\s*编|部\s*分|编|篇|章|节)")
_WORDS = {
    "分编": Style.SUBPART,
    "部分": Style.DIVISION,
    "编": Style.PART,
    "篇": Style.PART,
    "章": Style.CHAPTER,
    "节": Style.SECTION,
}
_ITEM = [
    (Style.COMMA, re.compile(rf"(?P<value>{_CHINESE})\s*[、．.]")),
    (Style.PAREN, re.compile(rf"[（(]\s*(?P<value>{_CHINESE})\s*[)）]")),
    (Style.PAREN, re.compile(r"(?P<value>[\u3220-\u3229])")),
    (Style.DOT, re.compile(rf"(?P<value>{_DIGITS}{{1,3}})\s*[．.、](?!{_DIGITS})")),
    (Style.DOT, re.compile(r"(?P<value>[\u2488-\u249b])")),
    (Style.DIGIT_PAREN, re.compile(rf"[（(]\s*(?P<value>{_DIGITS}{{1,3}})\s*[)）]")),
    (Style.DIGIT_PAREN, re.compile(rf"(?P<value>{_DIGITS}{{1,3}})[)）]")),
    (Style.DIGIT_PAREN, re.compile(r"(?P<value>[\u2474-\u2487])")),
    (Style.CIRCLE, re.compile(r"(?P<value>[\u2460-\u2473])")),
]
# 3.5万元 and 1.5倍 are amounts.
_DECIMAL = re.compile(
    r"(?P<value>[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}|[0-9]{1,2}(?=[ \u3000]))"
    r"(?![.0-9])(?=[ \u3000]*[\u4e00-\u9fff《“（(])"
    r"(?![ \u3000]*[万亿千百元倍米年月日个吨亩级时分折])"
)
_ANNEX = re.compile(
    rf"附\s*(?P<word>件|表|录|图|页)?\s*(?P<value>{_NUMERAL})?(?P<more>\s*[-－—]\s*{_DIGITS}+)?"
    r"\s*(?P<sign>[:：.．、]|(?<=\s)|$)?"
)
# The words after a number that a line is a heading by: few, and no sentence.
_HEADING_LENGTH = 50
_SENTENCE = re.compile(r"[。；;：:！？!?\t]")
_SPACE = re.compile(r"\s*")


def marker_of(line: str, *, decimals: bool = False) -> Marker | None:
    """What `line` begins with, or None.

    A row of a table begins with nothing. With `decimals`, numbers such as 1 and 1.1 count, which
    are otherwise taken for figures.
    """
    if "\t" in line:
        return None
    lead = _SPACE.match(line)
    assert lead is not None
    start = lead.end()
    rest = line[start:]
    if rest.startswith("第"):
        return _article(line, start) or _heading(line, start)
    if rest.startswith("附"):
        return _annex(line, start)
    for style, pattern in _ITEM:
        found = pattern.match(line, start)
        if found is not None:
            value = value_of(_plain(found["value"]))
            return None if value is None else _marker(style, (value,), line, start, found.end())
    if decimals and (found := _DECIMAL.match(line, start)) is not None:
        parts = tuple(int(part) for part in found["value"].split("."))
        return _marker(Style.DECIMAL, parts, line, start, found.end())
    return None


def is_heading_like(text: str) -> bool:
    """Whether this could be a heading's words: short, and without the signs of a sentence."""
    return len(text) <= _HEADING_LENGTH and _SENTENCE.search(text) is None


def _article(line: str, start: int) -> Marker | None:
    found = _ARTICLE.match(line, start)
    if found is None:
        return None
    value = value_of(found["value"])
    after = value_of(found["after"]) if found["after"] else None
    if value is None:
        return None
    numbers = (value,) if after is None else (value, after)
    return _marker(Style.ARTICLE, numbers, line, start, found.end())


def _heading(line: str, start: int) -> Marker | None:
    found = _HEADING.match(line, start)
    value = None if found is None else value_of(found["value"])
    if found is None or value is None:
        return None
    style = _WORDS["".join(found["word"].split())]
    marker = _marker(style, (value,), line, start, found.end())
    return marker if is_heading_like(marker.text) and not marker.refers else None


def _annex(line: str, start: int) -> Marker | None:
    found = _ANNEX.match(line, start)
    if found is None:
        return None
    word, numeral, sign = found["word"], found["value"], found["sign"]
    rest = line[found.end() :]
    mentions = _MENTION.match(rest) or not (sign or is_heading_like(rest))
    # 附则 is a chapter, 附近 a word: without more, only a colon makes 附 the beginning of an annex.
    named = sign in (":", "：") if word is None else sign is not None or numeral is not None
    if not named or mentions:
        return None
    value = value_of(numeral) if numeral else None
    further = value_of(found["more"].strip(" \u3000-－—")) if found["more"] else None
    numbers = tuple(number for number in (value, further) if number is not None)
    return Marker(Style.ANNEX, numbers, line[:start], "", "", line[start:])


def _marker(style: Style, value: tuple[int, ...], line: str, start: int, end: int) -> Marker:
    gap = _SPACE.match(line, end)
    assert gap is not None
    return Marker(
        style, value, line[:start], line[start:end], line[end : gap.end()], line[gap.end() :]
    )


def _plain(sign: str) -> str:
    """A numeral without the brackets, circle or stop that one sign has it in."""
    return unicodedata.normalize("NFKC", sign).strip("().") if len(sign) == 1 else sign
