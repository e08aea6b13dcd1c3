"""When a title or a document number in one text means the document that bears it.

Titles are compared by keys without white space, brackets and quotation marks. A title that wraps
another one (关于印发《…》的通知) goes by that one as well, and one that begins with a place goes
without it. Numbers are compared as code, year and serial.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from archive.law.words.mentions import folded

_NOT_IN_KEYS = re.compile(
    r"[\s《》〈〉<>“”\"'‘’「」『』()（）\[\]〔〕【】,，、。:：;；·•\-—–_\u200b\ufeff]+"
)
_WRAPPER = re.compile(
    r"^(?P<before>.*?)(?:关于)?(?:印发|发布|公布|颁布|颁发|下发|转发|批转|批准)(?P<inner>.{4,})"
    r"的(?:通知|公告|决定|通告|令|批复)$"
)
_ABOUT = re.compile(r"^.{2,24}?(?=关于.{4,}的(?:通知|公告|决定|通告|意见|批复|函|实施意见|报告)$)")
_PLACE = re.compile(
    r"^(?P<place>[\u4e00-\u9fff]{2,7}?(?:自治区|自治州|自治县|自治旗|省|市|盟|州|县|区|旗))"
    r"(?:人民政府)?(?:办公室|办公厅)?(?P<rest>.{4,})$"
)
_NUMBER = re.compile(
    r"(?P<code>[^〔〕（）\d\s]+?)\s*[〔（]\s*(?P<year>(?:19|20)?\d{2})\s*年?\s*[〕）]\s*(?:第|字)?\s*"
    r"(?P<serial>\d{1,5})\s*号"
)
_ORDER = re.compile(r"令\s*第?\s*(?P<serial>\d{1,4})\s*号|第\s*(?P<other>\d{1,4})\s*号令")


def title_key(title: str) -> str:
    """A title by its letters alone."""
    return _NOT_IN_KEYS.sub("", unicodedata.normalize("NFKC", title))


class TitleKeys(NamedTuple):
    """The keys by which a title is found, the most exact first; the later ones are None or ""."""

    whole: str
    inner: str | None
    """What a wrapping title wraps, or the title without the agency before 关于."""
    place: str
    """The place that the title, or what it wraps, begins with; `""` for none."""
    placeless: str | None
    """The same without the place, and None where that leaves next to nothing."""


def title_keys(title: str) -> TitleKeys:
    """The keys of a title."""
    whole = title_key(title)
    wrapper = _WRAPPER.match(whole)
    inner = wrapper["inner"] if wrapper else None
    if inner is None:
        about = _ABOUT.match(whole)
        inner = whole[about.end() :] if about else None
    plain = inner or whole
    match = _PLACE.match(plain)
    if match is None:
        place = _PLACE.match(whole)
        return TitleKeys(whole, inner, place["place"] if place else "", plain)
    return TitleKeys(whole, inner, match["place"], match["rest"])


class NumberKey(NamedTuple):
    """A document number: 砚政发〔2018〕5号 is `砚政发`, 2018, 5. Orders 令 have a serial alone."""

    code: str
    year: int | None
    serial: int

    @property
    def is_order(self) -> bool:
        """Whether it is the number of an order, which begins anew with each agency."""
        return self.year is None


def number_key(number: str | None) -> NumberKey | None:
    """The key of a document number in any of its spellings, or None for what is none."""
    if not number:
        return None
    plain = folded(unicodedata.normalize("NFKC", number))
    match = _NUMBER.search(plain)
    if match is not None:
        year = int(match["year"])
        if year < 100:
            year += 1900 if year >= 50 else 2000
        code = re.sub(r"\s+", "", match["code"]).removesuffix("字")
        return NumberKey(code, year, int(match["serial"]))
    order = _ORDER.search(plain)
    return NumberKey("令", None, int(order["serial"] or order["other"])) if order else None
