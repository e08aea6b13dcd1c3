"""Documents that a text mentions: titles in 《》 and document numbers, and where they stand.

A line is searched with its mentions covered, so that a word such as 废止 inside a title is never
taken for the sentence's own, and a list of titles looks the same whatever the titles are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# One character each, so that places in a folded line are places in the line.
_FOLDED = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF10, 0xFF1A)},
        **dict.fromkeys("[［【﹝", "〔"),
        **dict.fromkeys("]］】﹞", "〕"),
        "(": "（",
        ")": "）",
        "﹙": "（",
        "﹚": "）",
        ":": "：",
        ";": "；",
        ",": "，",
        "\u00a0": " ",
        "\u3000": " ",
    }
)
_TO_FOLD = re.compile("[" + re.escape("".join(map(chr, _FOLDED))) + "]")
COVER, FILL = "\ue000", "\ue001"
"""What a mention is covered with: its first character, and each of those that follow."""
MENTION = f"{COVER}{FILL}*"
"""A pattern for a covered mention."""

_YEAR = r"[〔（]\s*(?:19|20)?\d{2}\s*(?:年)?\s*[〕）]"
_CODE = r"[\u4e00-\u9fffA-Za-z]"
_NUMBER = re.compile(rf"{_CODE}{{2,30}}?\s*{_YEAR}\s*(?:第|字)?\s*\d{{1,5}}\s*号")
# 砚政发〔2018〕5号、〔2019〕6号 and 砚政发〔2018〕5、6、7号
_SERIES = re.compile(
    rf"(?P<code>{_CODE}{{2,30}}?)\s*(?P<year>{_YEAR})\s*(?:第|字)?\s*\d{{1,5}}(?:\s*号)?"
    rf"(?:\s*[、和及]\s*(?:{_YEAR}\s*)?第?\s*\d{{1,5}}(?:\s*号)?){{0,40}}(?<=号)"
)
_OF_SERIES = re.compile(rf"\s*(?:(?P<year>{_YEAR})\s*)?(?:第|字)?\s*(?P<serial>\d{{1,5}})\s*号?")
_JOINTS = re.compile(r"[\s、，；和及与]*")
_ORDER = re.compile(
    r"(?:(?![年月日号])[\u4e00-\u9fff]){0,24}令\s*(?:第\s*)?\d{1,4}\s*号|第\s*\d{1,4}\s*号令"
)
_PART_OF_TITLE = re.compile(r"（\s*(?:试行|暂行|修订|修正|试行稿)\s*）")
_ASIDE = re.compile(r"\s*（(?:[^（）]|（[^（）]*）){1,120}）")
_LONGEST_TITLE = 300
# What stands before a document's code in a sentence and is no part of it.
_BEFORE_CODE = re.compile(
    r".*(?:的|将|原|对|依据|根据|按照|依照|执行|废止|印发|下发|发布|公布|转发|以|由|止|将|文号为?|文号：|对于|涉及|文件?[和与及、])"
)
_JOINT = re.compile(r"^(?:以及|及|和|与|、)(?=[^发]{2,})")
# 砚政发〔2018〕5号《…》, 以砚政发〔2018〕5号文件印发的《…》
_NUMBER_THEN_TITLE = re.compile(r"\s*(?:文件|文)?\s*(?:印发|发布|公布|下发|转发)?(?:的)?\s*")


class Mention(NamedTuple):
    """A document as a text names it: by its title without the outer 《》, its number, or both.

    `start` and `end` are places in the line; what stands in brackets after a title belongs to it.
    `further` are the numbers after the first where the brackets hold several.
    """

    title: str | None
    number: str | None
    start: int
    end: int
    further: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str | None, ...]:
        """Each number that goes with the title; at least one, which may be None."""
        return (self.number, *self.further)


class Line(NamedTuple):
    """A line with its mentions covered; `covered` is as long as `text`."""

    text: str
    covered: str
    mentions: tuple[Mention, ...]

    def mention_at(self, place: int) -> Mention:
        """The mention that is covered at `place`."""
        return next(one for one in self.mentions if one.start <= place < one.end)


def folded(text: str) -> str:
    """`text` with brackets, digits and stops in one width, character for character."""
    return text.translate(_FOLDED) if _TO_FOLD.search(text) else text


def read_line(text: str) -> Line:
    """A line with its mentions found and covered."""
    plain = folded(text)
    if "《" not in plain and "号" not in plain:
        return Line(text, plain, ())
    mentions = _mentions(text, plain)
    pieces, at = [], 0
    for one in mentions:
        pieces += [plain[at : one.start], COVER, FILL * (one.end - one.start - 1)]
        at = one.end
    return Line(text, "".join((*pieces, plain[at:])), tuple(mentions))


def number_in(text: str) -> str | None:
    """The first document number in a piece of text, as written there, or None."""
    plain = folded(text)
    if found := _numbers(text, plain, 0, len(text)):
        return found[0][0].strip()
    match = _NUMBER.search(plain) or _ORDER.search(plain)
    return text[match.start() : match.end()].strip() if match else None


def numbers_in(text: str) -> tuple[str, ...]:
    """Every document number in a piece of text, those that are written short in full."""
    found = [number for number, _, _ in _numbers(text, folded(text), 0, len(text))]
    single = None if found else number_in(text)
    return tuple(found) if single is None else (single,)


def _numbers(text: str, plain: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """The document numbers between two places of a line, in full, each with its span."""
    found = []
    for match in _SERIES.finditer(plain, start, end):
        first = match.start()
        lead = _BEFORE_CODE.match(plain, first, match.end())
        if lead:
            first = lead.end()
        joint = _JOINT.match(plain[first : match.end()])
        if joint:
            first += joint.end()
        whole = _SERIES.fullmatch(plain, first, match.end())
        if whole is None:
            continue
        code, year, at = text[first : whole.end("code")], whole["year"], whole.start("year")
        while piece := _OF_SERIES.match(plain, at, match.end()):
            year, begin = piece["year"] or year, piece.start()
            number = f"{code}{year}{piece['serial']}号"
            if begin == whole.start("year"):
                begin = first
                number = text[first : piece.end()].removesuffix("号") + "号"
            found.append((number, begin, piece.end()))
            at = _JOINTS.match(plain, piece.end()).end()  # type: ignore[union-attr]
    return found


def _mentions(text: str, plain: str) -> list[Mention]:
    found: list[Mention] = []
    at = 0
    for start, end in _titles(plain):
        if start < at:
            continue
        found += _bare_numbers(text, plain, at, start)
        one = _with_tail(text, plain, start, end)
        before = found[-1] if found else None
        if (
            before is not None
            and before.title is None
            and one.number is None
            and _NUMBER_THEN_TITLE.fullmatch(plain, before.end, start)
        ):
            found[-1] = Mention(one.title, before.number, before.start, one.end)
        else:
            found.append(one)
        at = one.end
    return found + _bare_numbers(text, plain, at, len(plain))


def _titles(plain: str) -> list[tuple[int, int]]:
    """The spans of 《…》, the outer ones; one that is not closed ends with the next end of any."""
    spans = []
    start = plain.find("《")
    while start >= 0:
        end = _end_of_title(plain, start)
        if end is not None:
            spans.append((start, end))
        start = plain.find("《", end or start + 1)
    return spans


def _end_of_title(plain: str, start: int) -> int | None:
    first_end = plain.find("》", start, start + _LONGEST_TITLE)
    if first_end < 0:
        return None
    depth = 0
    for place in range(start, min(len(plain), start + _LONGEST_TITLE)):
        depth += (plain[place] == "《") - (plain[place] == "》")
        if depth == 0:
            return place + 1
    return first_end + 1


def _with_tail(text: str, plain: str, start: int, end: int) -> Mention:
    """A title with what follows it in brackets, and the number that stands there."""
    title = text[start + 1 : end - 1].strip()
    number: str | None = None
    further: tuple[str, ...] = ()
    part = _PART_OF_TITLE.match(plain, end)
    if part:
        title += part[0]
        end = part.end()
    while aside := _ASIDE.match(plain, end):
        if number is None:
            number = number_in(text[aside.start() : aside.end()])
            further = _all_of(text, plain, *aside.span())[1:]
        end = aside.end()
    if number is None:
        direct = _NUMBER.match(plain, end)
        if direct:
            number, end = text[direct.start() : direct.end()], direct.end()
    return Mention(title or None, number, start, end, further)


def _all_of(text: str, plain: str, start: int, end: int) -> tuple[str, ...]:
    """The numbers in brackets that hold nothing else: what else they name is another document."""
    found = _numbers(text, plain, start, end)
    rest, at = "", start
    for _, first, last in found:
        rest, at = rest + plain[at:first], last
    is_list = _JOINTS.fullmatch((rest + plain[at:end]).strip("（） "))
    return tuple(number for number, _, _ in found) if is_list else ()


def _bare_numbers(text: str, plain: str, start: int, end: int) -> list[Mention]:
    return [Mention(None, *one) for one in _numbers(text, plain, start, end)]
