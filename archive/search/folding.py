"""The one spelling in which words are looked for, and the units that it is made of.

Case, width and other forms of the same character, kinds of brackets, dashes and quotation marks,
and invisible characters make no difference. White space only keeps words and numbers apart.
"""

from __future__ import annotations

import re
import unicodedata

# Scripts that are written without spaces: each character is a unit of its own. Han, with its
# radicals, iteration marks and numerals, kana and bopomofo.
_UNSPACED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u30ff\u3105-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Accents stay with their letters.
_LETTER = rf"[^\W\d_{_UNSPACED}]|[\u0300-\u036f]"
_IN_A_WORD = re.compile(_LETTER)
_UNIT = re.compile(rf"\d+|(?:{_LETTER})+|\S")

_FORMS = {"Ps": "(", "Pe": ")", "Pd": "-", "Pi": '"', "Pf": '"'}
_INVISIBLE = frozenset({"Cf", "Cc"})
# Which of its shapes a character is shown in.
_VARIATION = re.compile("[\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class _Folded(dict[int, str]):
    """What each character is folded to, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in _INVISIBLE or _VARIATION.match(character):
        return ""
    if category == "Cs":
        return "\ufffd"  # half a character, which no file can hold
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(
        _FORMS.get(unicodedata.category(one), one) for one in unicodedata.normalize("NFKD", plain)
    )


_TABLE = _Folded()


def composed(text: str) -> str:
    """`text` with accents composed (NFC): what `fold` and positions in it start from."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The spelling in which `text` is searched, made of it character by character."""
    return composed(text).translate(_TABLE)


def offsets(text: str) -> list[int]:
    """Where in `fold(text)` each character of `composed(text)` begins, and where the last ends."""
    places = [0]
    for character in composed(text):
        places.append(places[-1] + len(_TABLE[ord(character)]))
    return places


def units(folded: str) -> list[str]:
    """Numbers, words, and single characters of what is written without spaces; signs as well."""
    return _UNIT.findall(folded)


def is_word(unit: str) -> bool:
    """Whether a unit is a word, a number or a Chinese character, and no mere sign."""
    return unit[0].isalnum()


def joins(before: str, after: str) -> bool:
    """Whether two characters that stand side by side are of one word or one number."""
    if before.isdecimal():
        return after.isdecimal()
    return bool(_IN_A_WORD.match(before) and _IN_A_WORD.match(after))
