"""Two texts compared article by article: pure.

Every unit of both texts is told, in the order of the new one, what was removed standing where it
stood. A unit keeps its identity through another number, another heading and other words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from archive.diff import Span, increasing
from archive.law.articles.naming import Names
from archive.law.articles.structure import structure_of
from archive.law.articles.units import Kind, Unit
from archive.law.comparison.clauses import ClauseChange, changed_clauses
from archive.law.comparison.marking import marked, slices
from archive.law.comparison.pairing import Pairing, pair
from archive.law.comparison.splitting import split_and_merged
from archive.law.words.numerals import SIGNS
from archive.whitespace import text_key, without_space

# What a text refers to by its number, and the word and number that an annex begins with.
_REFERENCE = re.compile(rf"第[{SIGNS}0-9０-９]+(?:条(?:之[一二三四五六七八九十]+)?|章|节|编)")
_LABEL = re.compile(rf"^附.?[{SIGNS}0-9０-９]*(?:[-－—][0-9０-９]+)?[:：、.．]?")

# A letter can have a point or two.
_ENOUGH_ARTICLES = 3

ArticleOp = Literal[
    "equal", "amended", "renumbered", "moved", "inserted", "repealed", "split", "merged"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChange:
    """What became of a unit.

    `old` and `new` are the unit before and after. A unit that was split has a row for each part,
    one that was merged a row for each that went into it. `spans` are given where words differ, and
    for splits and mergers: the part of the old text that went into this part of the new one.
    `is_first` tells that the text of both is to be shown here, and not with a row before.
    `references_only` says that an amendment merely follows other articles' new numbers. `names` are
    what people call the two, `headings` what they stand under.
    """

    op: ArticleOp
    old: Unit | None
    new: Unit | None
    spans: tuple[Span, ...] = ()
    is_first: bool = True
    references_only: bool = False
    names: tuple[str | None, str | None] = (None, None)
    headings: tuple[str | None, str | None] = (None, None)

    @property
    def before(self) -> str | None:
        """The old text; each unit's once."""
        hidden = self.op == "split" and not self.is_first
        return None if self.old is None or hidden else self.old.text

    @property
    def after(self) -> str | None:
        """The new text; each unit's once."""
        hidden = self.op == "merged" and not self.is_first
        return None if self.new is None or hidden else self.new.text

    @property
    def clauses(self) -> tuple[ClauseChange, ...]:
        """Which of its paragraphs and items changed, of an article that was amended."""
        if self.op != "amended" or self.old is None or self.new is None:
            return ()
        if {self.old.kind, self.new.kind} != {Kind.ARTICLE}:
            return ()
        return changed_clauses(self.old.text, self.new.text)

    @property
    def has_other_number(self) -> bool:
        """Whether the unit has another number than it had."""
        numbers = [without_space(unit.number) for unit in (self.old, self.new) if unit is not None]
        return len(numbers) == 2 and numbers[0] != numbers[1]

    def as_json(self) -> dict[str, object]:
        """The change as a row of `diff --by article`."""
        return {
            "op": self.op,
            "before_number": None if self.old is None else self.old.number,
            "after_number": None if self.new is None else self.new.number,
            "before": self.before,
            "after": self.after,
            "spans": [
                {"op": span.op, "before": span.before, "after": span.after} for span in self.spans
            ],
        }


def compare_articles(before: str, after: str) -> list[ArticleChange]:
    """Two canonical texts, unit by unit."""
    return list(_Alignment(pair(structure_of(before), structure_of(after))).rows())


def has_articles(text: str) -> bool:
    """Whether a text is one of articles or items, and not a form, a letter or a table."""
    numbered = (unit for unit in structure_of(text).units if unit.kind in (Kind.ARTICLE, Kind.ITEM))
    return len(list(islice(numbered, _ENOUGH_ARTICLES))) == _ENOUGH_ARTICLES


class _Alignment:
    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self._old, self._new = pairing.old.structure.units, pairing.new.structure.units
        self._splits, self._mergers = split_and_merged(pairing)
        self._whole_of = {part: whole for whole, parts in self._splits.items() for part in parts}
        # What came under another heading says nothing about the order of what did not.
        self._in_order = set(
            increasing([one for one in pairing.in_old_order() if pairing.same_heading(*one)])
        )
        self._new_numbers = _new_numbers(pairing)
        self._names = Names(pairing.old.structure), Names(pairing.new.structure)

    def rows(self) -> Iterator[ArticleChange]:
        repealed = self._repealed_behind()
        yield from repealed.get(-1, ())
        for j in range(len(self._new)):
            yield from self._rows(j)
            yield from repealed.get(j, ())

    def _repealed_behind(self) -> dict[int, list[ArticleChange]]:
        """What was removed, by the place in the new text behind which it stood; -1: before all."""
        merged = {part for parts in self._mergers.values() for part in parts}
        behind: dict[int, list[ArticleChange]] = {}
        at = -1
        for i in range(len(self._old)):
            j = self._pairing.new_of.get(i)
            if j is not None and (i, j) in self._in_order:
                at = self._splits[i][-1] if i in self._splits else j
            elif j is None and i not in merged:
                behind.setdefault(at, []).append(self._change("repealed", i, None))
        return behind

    def _rows(self, j: int) -> Iterator[ArticleChange]:
        """The rows of one unit of the new text."""
        whole = self._whole_of.get(j)
        if whole is not None:
            yield self._part(whole, j)
            return
        if j in self._mergers:
            yield from self._merger(j)
            return
        i = self._pairing.old_of.get(j)
        if i is None:
            yield self._change("inserted", None, j)
        elif self._pairing.old.texts[i] == self._pairing.new.texts[j]:
            yield self._change(self._op_of_same_words(i, j), i, j)
        else:
            yield self._change(
                "renumbered" if self._is_same_annex(i, j) else "amended",
                i,
                j,
                spans=marked(self._old[i].text, self._new[j].text),
                references_only=self._follows_numbers(i, j),
            )

    def _change(
        self,
        op: ArticleOp,
        i: int | None,
        j: int | None,
        *,
        spans: tuple[Span, ...] = (),
        is_first: bool = True,
        references_only: bool = False,
    ) -> ArticleChange:
        before, after = self._names
        return ArticleChange(
            op=op,
            old=None if i is None else self._old[i],
            new=None if j is None else self._new[j],
            spans=spans,
            is_first=is_first,
            references_only=references_only,
            names=(
                None if i is None else before.name(i),
                None if j is None else after.name(j),
            ),
            headings=(
                None if i is None else before.heading(i),
                None if j is None else after.heading(j),
            ),
        )

    def _op_of_same_words(self, i: int, j: int) -> ArticleOp:
        if self._pairing.old.numbers[i] != self._pairing.new.numbers[j]:
            return "renumbered"
        if not self._pairing.same_heading(i, j):
            return "moved"
        return "equal" if (i, j) in self._in_order or self._moved_along(i, j) else "moved"

    def _is_same_annex(self, i: int, j: int) -> bool:
        """Whether these are annexes that differ in their number alone; it is part of their text."""
        units = self._old[i], self._new[j]
        if any(unit.kind is not Kind.ANNEX for unit in units):
            return False
        before, after = (_LABEL.sub("", text_key(unit.text), count=1) for unit in units)
        return before == after

    def _moved_along(self, i: int, j: int) -> bool:
        """Whether a unit that changed its place did so with its heading."""
        above, now_above = self._old[i].parent, self._new[j].parent
        return (
            above is not None
            and self._pairing.new_of.get(above) == now_above
            and (above, now_above) not in self._in_order
        )

    def _part(self, i: int, j: int) -> ArticleChange:
        parts = self._splits[i]
        place = parts.index(j)
        text = slices(self._old[i].text, [self._new[part].text for part in parts])[place]
        return self._change(
            "split", i, j, spans=marked(text, self._new[j].text), is_first=place == 0
        )

    def _merger(self, j: int) -> Iterator[ArticleChange]:
        parts = self._mergers[j]
        texts = slices(self._new[j].text, [self._old[part].text for part in parts])
        for place, (i, text) in enumerate(zip(parts, texts, strict=True)):
            yield self._change(
                "merged", i, j, spans=marked(self._old[i].text, text), is_first=place == 0
            )

    def _follows_numbers(self, i: int, j: int) -> bool:
        """Whether the new words are the old ones with the new numbers of what they refer to."""
        if not self._new_numbers:
            return False
        renamed = _REFERENCE.sub(
            lambda one: self._new_numbers.get(one[0], one[0]), self._pairing.old.texts[i]
        )
        return renamed == self._pairing.new.texts[j]


def _new_numbers(pairing: Pairing) -> dict[str, str]:
    """The new number of each article and heading that has another one, where numbers are names."""
    numbers = pairing.old.numbers
    counts = Counter(numbers)
    return {
        number: now
        for i, j in pairing.new_of.items()
        if pairing.old.unit(i).kind in (Kind.ARTICLE, Kind.HEADING)
        and (number := numbers[i]) is not None
        and (now := pairing.new.numbers[j]) is not None
        and number != now
        and counts[number] == 1
    }
