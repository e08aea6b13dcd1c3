"""What a person types into a search, as words that must stand there and words that must not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.errors import ConfigurationError
from archive.search.folding import fold, units

_QUOTES = '"“”„‟〝〞＂'
_DASHES = "-－−"
_PIECE = re.compile(
    rf"(?P<not>[{_DASHES}](?=\S))?(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]?"
    rf"|(?P<word>[^\s{_QUOTES}]+))"
)


class NothingToSearchError(ConfigurationError):
    """A query in which no word says what to look for."""


@dataclass(frozen=True, slots=True)
class Query:
    """Words and phrases, each as its units, in the order in which they were typed."""

    words: tuple[tuple[str, ...], ...]
    without: tuple[tuple[str, ...], ...] = ()


def parse(text: str) -> Query:
    """What `text` asks for: words apart by spaces, phrases in quotation marks, `-` before either.

    Any text is taken; raises NothingToSearchError where it names no word to look for.
    """
    words: dict[tuple[str, ...], None] = {}
    without: dict[tuple[str, ...], None] = {}
    for piece in _PIECE.finditer(text):
        # A quotation mark is none of the signs that can be looked for.
        typed = piece["phrase"] if piece["phrase"] is not None else piece["word"]
        found = tuple(units(fold(typed)))
        if found:
            (without if piece["not"] else words)[found] = None
    if not words:
        raise NothingToSearchError(
            "say what to search for besides what to leave out"
            if without
            else "there is no word in that to search for"
        )
    return Query(tuple(words), tuple(without))
