"""Numbers as they are written in Chinese texts, and as integers."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_OTHER_SIGNS = {
    **dict.fromkeys("〇○Ｏ", 0),
    **dict.fromkeys("两兩", 2),
    **{digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")},
}
_VALUES = {**_DIGITS, **_OTHER_SIGNS}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": 20, "卅": 30, "卌": 40}
_MYRIAD = 10_000
_LARGEST = _MYRIAD * _MYRIAD - 1

SIGNS = "".join(dict.fromkeys([*_VALUES, *_UNITS, *_TENS, "万"]))
"""Every sign that a Chinese numeral is made of, for a class of characters in a pattern."""

_BY_PLACE = re.compile(rf"[{''.join(_VALUES)}]+")


def value_of(numeral: str) -> int | None:
    """The integer that a numeral means; None for what is none.

    Understood are Chinese numerals with places (一百二十三), digits one after another (二〇二五),
    the short forms (廿三, 两百), and digits of European shape in either width. White space inside
    does not count.
    """
    text = "".join(numeral.split())
    plain = unicodedata.normalize("NFKC", text)
    if plain.isascii():
        return int(plain) if plain.isdigit() else None
    if _BY_PLACE.fullmatch(text) is not None:
        return int("".join(str(_VALUES[sign]) for sign in text))
    high, myriad, low = text.rpartition("万")
    if not myriad:
        return _below_myriad(low)
    above = _below_myriad(high)
    below = _below_myriad(low.lstrip("零〇○")) if low else 0
    return None if not above or below is None else above * _MYRIAD + below


def numeral_of(value: int) -> str:
    """The numeral by which legal texts number an article: 12 is 十二, 105 is 一百零五.

    Raises ValueError for a value below 0 or of more than eight digits.
    """
    if not 0 <= value <= _LARGEST:
        raise ValueError(f"{value} is written by no numeral here; 0 to {_LARGEST} are")
    high, low = divmod(value, _MYRIAD)
    if not high:
        return _with_places(low) if low else "零"
    gap = "零" if 0 < low < _MYRIAD // 10 else ""
    return _with_places(high) + "万" + gap + (_with_places(low, leading=False) if low else "")


def _below_myriad(text: str) -> int | None:
    """The value of a numeral with places below ten thousand: every place at most once, falling."""
    total = 0
    digit: int | None = None
    last = _MYRIAD
    for sign in text:
        if sign in _VALUES:
            if digit:
                return None
            digit = _VALUES[sign]
            continue
        unit = _UNITS.get(sign, 10)
        amount = _TENS[sign] if sign in _TENS else (1 if digit is None else digit) * unit
        # 一百零十 is written by nobody, 一百十 is.
        if (sign not in _TENS and sign not in _UNITS) or unit >= last or amount == 0:
            return None
        if sign in _TENS and digit:
            return None
        total, digit, last = total + amount, None, unit
    if not text:
        return None
    return total + (digit or 0)


def _with_places(value: int, *, leading: bool = True) -> str:
    written = ""
    gap = False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if not digit:
            gap = bool(written)
            continue
        written += "零" if gap else ""
        gap = False
        # Twelve is 十二, yet a hundred and twelve 一百一十二.
        one_ten = unit == 10 and digit == 1 and not written and leading
        written += sign if one_ten else "零一二三四五六七八九"[digit] + sign
    return written
