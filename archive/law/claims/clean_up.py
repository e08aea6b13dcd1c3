"""Lists of documents and what becomes of them, as clean-up decisions (清理结果) give them.

A heading, or a sentence that ends in a colon, says what becomes of all that follows; then each line
or row names one document, by title, by number, or both. In a table the fate can stand in a column
of its own, and so can how much longer it lasts. What is kept, and what is only to be amended or
repealed some day, makes no claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from archive.law.claims.claim import Claim, ClaimKind, Days, Place
from archive.law.claims.extensions import Extension, extension_in
from archive.law.claims.fates import Fate, fate_of
from archive.law.claims.items import document_in, part_in, stands_alone, title_of
from archive.law.claims.moments import MOMENT, read_moment
from archive.law.words.dates import read_days
from archive.law.words.mentions import MENTION, Mention, folded, number_in, numbers_in, read_line
from archive.law.words.titles import title_key

# What can begin a list, or be the heads of columns; nearly all lines are spared the rest.
_WORTH_READING = re.compile(r"\t|延长|延续|废止|失效|执行|施行|撤销|修改|修订|修正|有效|保留|实施")

_HEADING_LENGTH = 60
_MARK_LENGTH = 12
_ITEM = re.compile(
    r"^\s*(?:[（]\s*[\d一二三四五六七八九十百]+\s*[）]|[\d一二三四五六七八九十百]+\s*[、.．，]|\d+\s+|[①-⑳])\s*(?P<rest>.+)$"
)
_ORDINAL_INLINE = re.compile(
    r"(?<=[：；;，,。\s])(?:[（]\s*[\d一二三四五六七八九十百]+\s*[）]|\d+\s*[、.．](?!\d)|[①-⑳])"
)
# 决定废止下列文件：（一）关于…的通知（…）；（二）…
_INLINE = re.compile(rf"^(?P<lead>[^：《]{{2,120}}：)(?P<items>{_ORDINAL_INLINE.pattern}.+)$")
# What an item of a list says besides, each on a line of its own.
_ABOUT_ITEM = re.compile(
    r"^\s*[（(]?(?:(?:废止|失效|修改|清理)(?:的)?)?(?:理由|依据|原因|说明|备注|(?:制定|发文|发布)(?:机关|单位|部门)|"
    r"(?:发布|印发|施行|制定)(?:日期|时间)|(?:发文)?(?:文|字)号|替代文件)\s*[：:]"
)
_CHAPTER = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+、|附件|附：|附表|第[一二三四五六七八九十]+部分)"
)
_FOLLOWS = re.compile(r"(?:下列|以下|如下|目录|清单|名单|附件)")
_COLUMNS = {
    "title": re.compile(r"名称|标题|题名|文件名|规范性文件$|政策文件$"),
    "number": re.compile(r"文号|发文字号|文件编号|字号"),
    "fate": re.compile(
        r"清理(?:结果|意见|结论|情况|决定)|处理(?:结果|意见|方式|情况)|有效性|时效|结论|拟?处置|效力"
    ),
    "note": re.compile(r"^备注$"),
    "day": re.compile(r"(?:废止|失效|停止执行)(?:日期|时间)"),
}
# 第五条修改为：“依照《…》…”: what stands behind is in the new words.
_AMENDS = re.compile(r"“|修改为|改为|增加|第[一二三四五六七八九十百\d]+[条款项]")
_LONGEST_QUOTATION = 60
_NAME_ALONE = re.compile(rf"(?:关于|对|将)?{MENTION}(?:的(?:修改|修正))?\s*[：。；]?")
_TICK = re.compile(r"[√✓✔☑●○■▲*Vv是]|1")
_LONGEST_HEAD = 6
_ORDINAL = re.compile(r"\s*[（(]?\d{1,4}[)）]?[.、]?\s*")


class Lists:
    """Reads the lists of one text, line by line from the first.

    `name` is what the file is called that it stands in: 附件1：废止的规范性文件目录.xlsx. `changes`
    tells that the text amends others and does nothing else, so that an item names what it amends.
    """

    def __init__(
        self, days: Days, force: date | None, name: str | None = None, *, changes: bool = False
    ) -> None:
        self._days = days
        self._force = force
        self._fate: Fate | None = None
        self._day = force
        self._extension: Extension | None = None
        self._columns: dict[str, int] | None = None
        self._ticked: dict[int, Fate] = {}
        self._changes = changes
        self._quoted_lines = 0
        if name is not None:
            self._begin(fate_of(folded(name)), folded(name))

    def read(self, paragraph: int, line: str) -> Iterator[Claim]:
        """What the next line claims, if it is an item of a list."""
        if self._is_quoted(line):
            return
        idle = self._fate is None and self._columns is None and not self._changes
        if idle and not _WORTH_READING.search(line):
            return
        plain = folded(line)
        if "\t" in plain:
            yield from self._row(paragraph, line, plain.split("\t"))
            return
        self._columns = None
        words = plain.strip()
        if not words:
            return
        if (inline := _INLINE.match(plain)) and (fate := fate_of(inline["lead"])) is not None:
            self._begin(fate, inline["lead"])
            yield from self._inline(paragraph, line, inline.start("items"))
            return
        item = _ITEM.match(words)
        if self._changes and self._fate is None and item and _is_document(item["rest"]):
            self._begin(Fate.CHANGES, "")
        if not self._is_heading(words, item):
            start = len(plain) - len(plain.lstrip()) + (item.start("rest") if item else 0)
            yield from self._item(paragraph, line, line[start:].rstrip(), item is not None)

    def _is_quoted(self, line: str) -> bool:
        """Whether a line goes on with a quotation that began above, as an amended article does."""
        was_open = self._quoted_lines > 0
        is_open = line.rfind("“") > line.rfind("”") or (was_open and "”" not in line)
        # Somebody forgot to close one that goes on for so long.
        self._quoted_lines = (self._quoted_lines + 1) % _LONGEST_QUOTATION if is_open else 0
        return was_open and self._fate is Fate.CHANGES

    def _is_heading(self, words: str, item: re.Match[str] | None) -> bool:
        """Take a line for what it says of those that follow; whether it is such a line."""
        if self._fate is Fate.CHANGES and "“" in words:
            return False  # 第六条修改为：“有下列情形之一的，不予许可：
        covered = read_line(words).covered
        named = re.search(MENTION, covered)
        fate = fate_of(re.sub(MENTION, "", covered))
        introduces = covered.endswith(("：", "如下", "如下。")) or (
            _FOLLOWS.search(covered) is not None and len(covered) <= 4 * _HEADING_LENGTH
        )
        short = len(words) <= _HEADING_LENGTH and not words.endswith("。")
        if fate is not None and named is None and (short or introduces):
            if item is not None and short and not introduces and title_of(item["rest"]):
                # 3. 关于废止…的通知 is an item, 三、废止的文件 is none.
                return not item["rest"].startswith("关于") and not number_in(words)
            self._begin(fate, covered)
            return True
        if fate is not None and named is not None and covered.endswith("："):
            self._begin(fate, covered)
            return True
        return False

    def _begin(self, fate: Fate | None, words: str) -> None:
        self._fate, self._day = fate, self._force
        self._extension = extension_in(words) if fate is Fate.LASTS else None
        for match in re.finditer(MOMENT, words):
            said = read_moment(match[0], self._days, self._force)
            if said is not None and match[0].endswith(("起", "后")):
                self._day = said

    def _item(self, paragraph: int, line: str, words: str, is_item: bool) -> Iterator[Claim]:
        if self._fate is None:
            return
        mention = document_in(words)
        if (
            self._fate is Fate.CHANGES
            and mention is not None
            and _AMENDS.search(words[: mention.start])
        ):
            return
        if _ABOUT_ITEM.match(words) or words.startswith("序号"):
            return
        if mention is None or not (is_item or stands_alone(words)):
            # Anything else ends the list, but for the marks of a page (附件2, a count) and, of what
            # changes, for the changes.
            if _CHAPTER.match(folded(line)) or (
                len(words) > _MARK_LENGTH and self._fate is not Fate.CHANGES
            ):
                self._fate = None
            return
        fate, part = self._fate, part_in(words, mention)
        if fate is Fate.ENDS and part is not None:
            fate = Fate.CHANGES
        for claim in self._claims(fate, mention, self._day, self._extension, line, paragraph):
            yield replace(claim, part=part) if fate is Fate.CHANGES else claim

    def _inline(self, paragraph: int, line: str, start: int) -> Iterator[Claim]:
        """What the items claim that stand in one line from `start` on: （一）…；（二）…"""
        begins = [match.start() for match in _ORDINAL_INLINE.finditer(folded(line), start)]
        for begin, end in zip(begins, [*begins[1:], len(line)], strict=True):
            item = _ITEM.match(folded(line[begin:end]))
            if item is None:
                continue
            at = begin + item.start("rest")
            words = line[at:end].rstrip("；;，,。、 ")
            for claim in self._item(paragraph, words, words, True):
                first, last = claim.place.start + at, claim.place.end + at
                yield replace(claim, place=claim.place._replace(start=first, end=last))

    def _row(self, paragraph: int, line: str, cells: list[str]) -> Iterator[Claim]:
        names = [cell.strip() for cell in cells]
        if len(set(names)) == 1:
            # A merged cell over the whole row is a heading.
            fate = fate_of(names[0])
            if fate is not None:
                self._begin(fate, names[0])
            return
        columns = _columns_of(names)
        if columns is not None:
            self._columns, self._ticked = columns, _fates_as_heads(names)
            return
        known = self._columns or {}
        fate, extension = self._fate, self._extension
        if "fate" in known and known["fate"] < len(names):
            stated_here = names[known["fate"]]
            fate = fate_of(stated_here, in_cell=True) or fate
            extension = extension_in(stated_here) or extension
        elif known and self._ticked:
            # 保留 修改 废止 as heads, and a √ below one of them.
            said = [
                one
                for place, one in self._ticked.items()
                if _TICK.fullmatch("".join(names[place : place + 1]))
            ]
            fate = said[0] if len(said) == 1 else Fate.NONE
        elif fate is None and "note" in known and known["note"] < len(names):
            fate = fate_of(names[known["note"]], in_cell=True)
        if fate is None or fate.value is None:
            return
        mention = _in_row(names, known)
        if mention is not None:
            day = self._day
            if "day" in known and known["day"] < len(names):
                stated = read_days(names[known["day"]])
                day = stated.first if stated else day
            yield from self._claims(fate, mention, day, extension, line, paragraph)

    def _claims(
        self,
        fate: Fate,
        mention: Mention,
        day: date | None,
        extension: Extension | None,
        line: str,
        paragraph: int,
    ) -> Iterator[Claim]:
        if fate is Fate.LASTS:
            if extension is not None:
                yield from _claims_of(
                    extension.kind, mention, extension.day, line, paragraph, extension.period
                )
        elif fate.value is not None:
            yield from _claims_of(fate.value, mention, day, line, paragraph)


def _columns_of(names: list[str]) -> dict[str, int] | None:
    """Which column holds what, if these are the heads of columns."""
    if any(len(name) > 16 or "《" in name or number_in(name) for name in names):
        return None
    found: dict[str, int] = {}
    for what, pattern in _COLUMNS.items():
        for place, name in enumerate(names):
            if pattern.search(re.sub(r"\s", "", name)):
                found.setdefault(what, place)
    return found if "title" in found or "number" in found else None


def _is_document(words: str) -> bool:
    """Whether an item of a decision to amend is the name of what it amends, and nothing else."""
    return _NAME_ALONE.fullmatch(read_line(words).covered) is not None


def _fates_as_heads(names: list[str]) -> dict[int, Fate]:
    """What a tick in each column says, where at least two heads are fates."""
    found = {
        place: fate
        for place, name in enumerate(names)
        if len(name) <= _LONGEST_HEAD and (fate := fate_of(re.sub(r"\s", "", name), in_cell=True))
    }
    return found if len(found) > 1 else {}


def _in_row(cells: list[str], columns: dict[str, int]) -> Mention | None:
    """The document that a row names."""

    def cell(what: str) -> str:
        place = columns.get(what)
        return cells[place] if place is not None and place < len(cells) else ""

    title, number = cell("title"), cell("number")
    if not columns:
        long = [
            one for one in cells if document_in(one) is not None and not _ORDINAL.fullmatch(one)
        ]
        title = next((one for one in long if "《" in one or title_of(one)), "")
        number = next((one for one in cells if one != title and number_in(one)), "")
    named = document_in(title) if title else None
    if named is None and title and len(title_key(title)) >= 4:
        named = Mention(title.strip("《》 "), None, 0, 0)
    stated = numbers_in(number)
    if named is None:
        return Mention(None, stated[0], 0, 0, stated[1:]) if stated else None
    return named._replace(number=stated[0], further=stated[1:]) if stated else named


def _claims_of(
    kind: ClaimKind,
    mention: Mention,
    day: date | None,
    line: str,
    paragraph: int,
    period: str | None = None,
) -> Iterator[Claim]:
    start = len(line) - len(line.lstrip())
    end = len(line.rstrip())
    for number in mention.numbers:
        yield Claim(
            kind=kind,
            title=mention.title,
            number=number,
            effective_on=day.isoformat() if day else None,
            period=period,
            quote=line[start:end],
            place=Place(paragraph, start, end),
        )
