"""Which of the titles in a sentence a verb is about: those right before it, or right after it.

Titles stand in lists, joined by 、 and 和, with who issued them in between. A list can begin with
titles that are its grounds (根据《…》，《…》同时废止), which it is not about.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from archive.law.claims.claim import Claim, ClaimKind, Place
from archive.law.claims.sentences import Sentence
from archive.law.words.mentions import MENTION

PART = (
    r"(?:的|中|之)*(?:第[一二三四五六七八九十百零〇\d、至和到及—\-第条款项章节目（）()]+"
    r"[条款项章节目）](?:之[一二三四五六七八九十]+)?|附件\d*|附表\d*|(?:部分|个别|有关|相关|上述|其他|所涉|与本"
    r"[\u4e00-\u9fff]{1,8}(?:不一致|相抵触|不符)的?)[^，。；\ue000]{0,20}?(?:条款|规定|内容|条文|部分|政策|条件|标准)"
    r"|(?:关于|有关|中|对|涉及)[^，。；\ue000]{1,40}?(?:条款|规定|内容|条文|部分|政策|条件|标准|要求)"
    r")(?:的(?:条款|规定|内容|条文|部分|要求))?"
)
"""A pattern for the part of a document that stands after its title: 第五条第二款, 中的有关规定."""

COUNTED = (
    r"[）]?(?:等)?(?:上述|以上|共|共计)?\s*(?:[\d一二三四五六七八九十百两]+\s*(?:件|个|部|项|份))?"
    r"(?:市政府|市级|市本级|政府|我市|我局|部门)?(?:行政)?(?:规范性|政策性)?(?:文件|规章|文|制度|规定|办法|政策)?"
)
"""A pattern for what may stand between a list of titles and the verb that they belong to."""

_MENTION = re.compile(MENTION)
_ANY_PART = re.compile(PART)
_CLAUSE = re.compile(r"[，；：]")
_LONGEST_QUOTE, _AROUND = 600, 100
_PART_AFTER = re.compile(rf"\s*{PART}")
# Longer than any words between a title and its verb, or between two titles of a list.
_LONGEST_GAP = 160
_LONGEST_JOINT = 60
_BEFORE = 120
_AGENT = (
    r"[^，。；：、\ue000\ue001]{0,30}?(?:(?:印发|下发|发布|公布|制定|出台|转发)的|"
    r"(?:人民政府|政府|办公室|办公厅|委员会|局|厅|部门)(?:的)?)"
)
_JOINT = re.compile(
    rf"(?:及其(?:补充|配套|修改|修订|修正|实施)?(?:性)?(?:规定|细则|通知|意见|文件|办法)[（]?)?"
    rf"(?:\s|、|，|；|和|及|以及|与|或|原|[（]?[\d一二三四五六七八九十]+[）.．、])*(?:{_AGENT})?"
)
_TO_FIRST = re.compile(
    r"(?:了)?(?:以下|下列|如下|原|我市|上述)?(?:[^，。；：\ue000的]{0,24}?(?:印发|下发|发布|公布|制定|出台)的)?"
    r"(?:[^，。；：\ue000的]{0,16})?(?:[\d一二三四五六七八九十百两]+(?:件|个|部|项|份))?"
    r"(?:行政)?(?:规范性|政策性)?(?:文件|规章|文)?[：:]?\s*(?:[（]?[\d一二三四五六七八九十]+[）.．、]\s*)?"
)
_GROUND = re.compile(
    # 经 also stands in 经济, so that alone it counts at the beginning of a clause only.
    r"(?:根据|依据|依照|按照|参照|遵照|贯彻|落实|违反|执行|适用|对照|结合|符合|(?:^|[，。；：])[现业]?[经见按])"
    r"[^，。；：、\ue000\ue001]{0,24}$"
)


class Object(NamedTuple):
    """A document that a verb is about, by the place of its mention; or a part of it.

    `part` is where in the sentence the words stand that name the part; None for the whole.
    """

    place: int
    part: tuple[int, int] | None


def claims_about(
    kind: ClaimKind, sentence: Sentence, one: Object, day: date | None, period: str | None = None
) -> Iterator[Claim]:
    """The claim that a sentence makes about one of its objects, for each number that it has."""
    mention = sentence.mention_at(one.place)
    start, end = sentence.start, sentence.end
    if end - start > _LONGEST_QUOTE:
        # Of a sentence that lists a hundred documents, what stands around this one.
        start = max(start, mention.start - _AROUND)
        end = min(end, mention.end + _AROUND)
    for number in mention.numbers:
        yield Claim(
            kind=kind,
            title=mention.title,
            number=number,
            part=None if one.part is None else sentence.text[slice(*one.part)],
            effective_on=day.isoformat() if day else None,
            period=period,
            quote=sentence.text[start - sentence.start : end - sentence.start],
            place=Place(sentence.paragraph, start, end),
        )


class Words:
    """A sentence with its mentions covered, and where these are."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        spans = [match.span() for match in _MENTION.finditer(plain)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def last_before(self, place: int) -> int | None:
        """Which mention is the last that begins before a place."""
        which = bisect_left(self._starts, place) - 1
        return which if which >= 0 else None

    def end_of(self, which: int) -> int:
        """Where a mention ends."""
        return self._ends[which]

    def gap(self, which: int, place: int) -> str | None:
        """The words from a mention to a place, or None if these are too many."""
        start = self._ends[which]
        return self.plain[start:place] if place - start <= _LONGEST_GAP else None

    def back_from(self, place: int) -> str:
        """The words before a place, as far back as they can matter."""
        return self.plain[max(0, place - _BEFORE) : place]

    def part_between(self, which: int, place: int) -> tuple[int, int] | None:
        """Where the part of a mention is named that stands last between it and a place."""
        at = place
        for clause in reversed(_CLAUSE.split(self.plain[self._ends[which] : place])):
            at -= len(clause)
            if found := list(_ANY_PART.finditer(clause)):
                return self._named(at + found[0].start(), at + found[-1].end())
            at -= 1
        return None

    def part_after(self, place: int) -> tuple[int, int] | None:
        """Where the part is named that stands right after a place: 删去第九条."""
        part = _PART_AFTER.match(self.plain, place)
        return None if part is None else self._named(*part.span())

    def _named(self, start: int, end: int) -> tuple[int, int]:
        """A part without what joins it to its title."""
        return end - len(self.plain[start:end].lstrip("的中之 ")), end

    def list_to(self, which: int, *, part: tuple[int, int] | None = None) -> list[Object]:
        """The list of titles that ends with a mention, without those that are its grounds."""
        kept: list[Object] = []
        grounds = False
        first = self._first_of_list(which)
        for one in range(first, which + 1):
            before = self.back_from(self._starts[one]) if one == first else self._joint(one)
            is_ground = bool(_GROUND.search(before))
            grounds = is_ground or (grounds and one != first and "，" not in before)
            if not grounds:
                kept.append(Object(self._starts[one], part))
        return kept

    def before_list(self, which: int) -> str:
        """The words of the clause before the list that ends with a mention: 建议将《…》…"""
        words = self.back_from(self._starts[self._first_of_list(which)])
        return re.split(r"[，；：]", words)[-1]

    def objects_after(self, verb_end: int) -> list[Object]:
        """The titles after a verb: the first one close to it, and the list that it begins."""
        found: list[Object] = []
        which = bisect_right(self._starts, verb_end - 1)
        if which == len(self._starts) or self._starts[which] - verb_end > _LONGEST_GAP:
            return found
        if not _TO_FIRST.fullmatch(self.plain, verb_end, self._starts[which]):
            return found
        while True:
            part = _PART_AFTER.match(self.plain, self._ends[which])
            if part is None and self.plain.startswith("的", self._ends[which]):
                return []  # 废止《…》的理由 is about it, and does not do it
            named = None if part is None else self.part_between(which, part.end())
            found.append(Object(self._starts[which], named))
            follows = part.end() if part else self._ends[which]
            which += 1
            if which == len(self._starts) or not self._is_joint(follows, self._starts[which]):
                return found

    def _first_of_list(self, which: int) -> int:
        while which and self._is_joint(self._ends[which - 1], self._starts[which]):
            which -= 1
        return which

    def _joint(self, which: int) -> str:
        return self.plain[self._ends[which - 1] : self._starts[which]]

    def _is_joint(self, start: int, end: int) -> bool:
        if not 0 <= end - start <= _LONGEST_JOINT:
            return False
        return _JOINT.fullmatch(self.plain, start, end) is not None
