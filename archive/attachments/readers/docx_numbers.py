"""The numbers that Word counts for itself: 第一条 and 一、 are often in no text at all."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from docx.oxml.ns import qn

_VAL = qn("w:val")
_DIGITS = "〇一二三四五六七八九"
_HEAVENLY = "甲乙丙丁戊己庚辛壬癸"
_CHINESE = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
        "japaneseCounting",
        "ideographDigital",
        "japaneseDigitalTenThousand",
        "taiwaneseDigital",
    }
)
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


class Numbering:
    """Counts the numbered paragraphs of a document, in their order."""

    def __init__(self, part: Any) -> None:  # noqa: ANN401 the library's
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._abstract: dict[str, str] = {}
        self._styles: dict[str, tuple[str | None, int | None, str | None]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        try:
            root = part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        self._read(root)
        self._read_styles(part)

    def number_of(self, paragraph: Any) -> str:  # noqa: ANN401
        """What stands before a paragraph because it is numbered, with a space; else nothing."""
        if not self._levels:
            return ""
        num_id, level = self._assigned(paragraph)
        abstract = self._abstract.get(num_id or "")
        if abstract is None or (abstract, level) not in self._levels:
            return ""
        counts = self._counts[abstract]
        kind, shown, start = self._levels[abstract, level]
        counts[level] = counts[level] + 1 if level in counts else start
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if kind in ("bullet", "none") or not shown:
            return ""
        for place in range(9):
            if f"%{place + 1}" in shown:
                form, _, first = self._levels.get((abstract, place), ("decimal", "", 1))
                shown = shown.replace(f"%{place + 1}", _written(counts.get(place, first), form))
        return f"{shown} " if shown[-1].isascii() or shown[-1] in "条章节编款项" else shown

    def _assigned(self, paragraph: Any) -> tuple[str | None, int]:  # noqa: ANN401
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return None, 0
        num_id, level = _num(properties.find(qn("w:numPr")))
        style = properties.find(qn("w:pStyle"))
        name = style.get(_VAL) if style is not None else None
        for _ in range(10):
            if name is None or name not in self._styles:
                break
            of_style, style_level, based_on = self._styles[name]
            num_id = num_id if num_id is not None else of_style
            level = level if level is not None else style_level
            name = based_on
        return num_id, level or 0

    def _read(self, root: Any) -> None:  # noqa: ANN401
        for abstract in root.findall(qn("w:abstractNum")):
            name = abstract.get(qn("w:abstractNumId"))
            for level in abstract.findall(qn("w:lvl")):
                place = int(level.get(qn("w:ilvl"), "0"))
                self._levels[name, place] = (
                    _value(level, "w:numFmt", "decimal"),
                    _value(level, "w:lvlText", ""),
                    int(_value(level, "w:start", "1")),
                )
        for num in root.findall(qn("w:num")):
            self._abstract[num.get(qn("w:numId"))] = _value(num, "w:abstractNumId", "")

    def _read_styles(self, part: Any) -> None:  # noqa: ANN401
        for style in part.styles.element.findall(qn("w:style")):
            properties = style.find(qn("w:pPr"))
            num_id, level = (
                _num(properties.find(qn("w:numPr"))) if properties is not None else (None, None)
            )
            self._styles[style.get(qn("w:styleId"))] = (
                num_id,
                level,
                _value(style, "w:basedOn", "") or None,
            )


def _num(properties: Any) -> tuple[str | None, int | None]:  # noqa: ANN401
    if properties is None:
        return None, None
    level = _value(properties, "w:ilvl", "")
    return _value(properties, "w:numId", "") or None, int(level) if level else None


def _value(parent: Any, name: str, default: str) -> str:  # noqa: ANN401
    found = parent.find(qn(name))
    return default if found is None else str(found.get(_VAL, default))


def _written(number: int, form: str) -> str:
    if form in _CHINESE:
        return _chinese(number)
    if form == "decimalZero":
        return f"{number:02d}"
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman.upper() if form == "upperRoman" else roman
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if form == "ideographTraditional" and 0 < number <= len(_HEAVENLY):
        return _HEAVENLY[number - 1]
    return str(number)


def _chinese(number: int) -> str:
    if not 0 < number < 10_000:
        return str(number)
    written, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            written += ("零" if gap and written else "") + _DIGITS[digit] + sign
            gap = False
        else:
            gap = True
    return written.removeprefix("一") if 10 <= number < 20 else written


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    written = ""
    for value, signs in _ROMAN:
        count, number = divmod(number, value)
        written += signs * count
    return written
