"""The document that one item of a list names: by 《…》, by a bare title, by number, or by both."""

from __future__ import annotations

import re

from archive.law.claims.objects import PART
from archive.law.words.mentions import MENTION, Mention, folded, number_in, read_line

# Longer than any item that is a number alone.
_LONGEST = 60
_NOUN = (
    r"(?:办法|规定|通知|意见|决定|细则|条例|规则|方案|制度|措施|通告|公告|标准|规划|计划|预案|批复|函|纪要|章程|"
    r"目录|清单|规范|指南|要点|政策|准则|程序|令|公约|守则|纲要|法|职责|奖励|试行|暂行)"
)
_TITLE = re.compile(
    rf"^[^。！？：\t]{{4,160}}?{_NOUN}(?:（[^（）〔号]{{1,12}}）)?(?=$|\s|[（；;，、。〔])"
)
_NO_TITLE = re.compile(
    r"^(?:将|把|删|增加|在|对|本|按|根据|依据)|第[一二三四五六七八九十百\d]+[条款项]|^[^《（]*[，；]"
)
_LEADING_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,12}\s*〔\d{2,4}〕\s*第?\d+\s*号[\s，、]*(?=.{4})")

_PART = re.compile(rf"[的中\s]*(?P<part>(?=第){PART})")


def document_in(words: str) -> Mention | None:
    """The document that an item names: by 《…》, else by a title that begins it, or a number."""
    leading = _LEADING_NUMBER.match(folded(words))
    if leading is not None and (titled := document_in(words[leading.end() :])) is not None:
        return titled._replace(number=words[: leading.end()].strip(" ，、"))
    line = read_line(words)
    first = next((one for one in line.mentions if one.title is not None), None)
    whole = title_of(words)
    if whole is not None and first is not None and 0 < first.start < first.end < whole.end():
        first = None  # 关于印发《…》的通知
    if first is not None:
        others = [one for one in line.mentions if one is not first and one.number]
        if first.number is None and others and others[0].title is None:
            return first._replace(number=others[0].number, further=others[0].further)
        return first
    number = number_in(words)
    if whole is not None:
        return Mention(words[: whole.end()].strip(), number, 0, 0)
    return Mention(None, number, 0, 0) if number and len(words) <= _LONGEST else None


def part_in(words: str, mention: Mention) -> str | None:
    """The part of the document that an item names, right after its 《…》: 《…》第二条."""
    part = _PART.match(folded(words), mention.end) if mention.end else None
    return None if part is None else words[part.start("part") : part.end()]


def stands_alone(words: str) -> bool:
    """Whether a line without an ordinal is nothing but one document's name."""
    if words.startswith("《"):
        covered = read_line(words).covered
        return re.fullmatch(rf"{MENTION}\s*[；;，、。]?", covered) is not None
    match = title_of(words)
    if match is None:
        return number_in(words) is not None and len(words) <= _LONGEST
    rest = words[match.end() :]
    return not rest.strip("；;，、。 ") or (number_in(rest) is not None and len(rest) <= _LONGEST)


def title_of(words: str) -> re.Match[str] | None:
    """The title that words begin with, if it is one: 将第五条… is an instruction."""
    plain = folded(words)
    return None if _NO_TITLE.search(plain) else _TITLE.match(plain)
