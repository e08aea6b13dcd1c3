"""The terms by which the index knows a text, and those that a word calls for.

A term is one unit, or two words that follow one another, whatever signs stand between: Chinese is
written without spaces, and pairs of characters are rare enough to tell texts apart. What has the
terms of a query can be what is looked for; `matching` decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from unicodedata import unidata_version

from archive.search.folding import fold, is_word, units

FORMAT = f"1, Unicode {unidata_version}"
"""To be raised whenever the same text comes to have other terms: the index is then made anew."""

FORMER = "\ue0ff"
"""Stands before a term that only former versions of a document have."""

# A term is cut here: nobody looks for the middle of a hundred letters.
_LONGEST = 40
# The index takes letters and digits and everything beyond ASCII for parts of a term.
_SIGNS = 0xE000
# More terms than these make no query more precise, and a query that nobody typed too long.
_MOST_TERMS = 48


def terms_of(values: Iterable[str]) -> set[str]:
    """The terms of some values, each a text of its own."""
    found: set[str] = set()
    for value in values:
        found.update(_terms(units(fold(value))))
    return found


def expression(words: Sequence[Sequence[str]], *, former: bool = False, column: str = "") -> str:
    """The index's query for what may hold all these words, in a column if one is named.

    With `former`, what may have held them in different versions counts as well.
    """
    wanted = _spread(sorted({term for word in words for term in _telling(word)}), _MOST_TERMS)
    clauses = (f'("{one}" OR "{FORMER}{one}")' if former else f'"{one}"' for one in wanted)
    joined = " AND ".join(clauses)
    return f"{{{column}}} : ({joined})" if column else joined


def _terms(found: Sequence[str]) -> Iterator[str]:
    yield from map(_term, found)
    yield from _pairs(found)


def _telling(word: Sequence[str]) -> Iterator[str]:
    """Of a word's terms those that say the most: pairs, and units that are in none."""
    pairs = list(_pairs(word))
    yield from pairs
    yield from (_term(unit) for unit in word if not (pairs and is_word(unit)))


def _pairs(found: Sequence[str]) -> Iterator[str]:
    for one, other in pairwise(_term(unit) for unit in found if is_word(unit)):
        # Two words, or two numbers, would read as one.
        yield f"{one}·{other}" if one[-1].isascii() and other[0].isascii() else one + other


def _term(unit: str) -> str:
    if is_word(unit):
        return unit[:_LONGEST]
    return chr(_SIGNS + ord(unit)) if unit.isascii() else unit


def _spread(terms: list[str], most: int) -> list[str]:
    return terms[:: -(-len(terms) // most)] if len(terms) > most else terms
