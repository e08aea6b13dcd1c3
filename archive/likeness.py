"""When two titles agree and when two texts are alike (R3, R4, R10)."""

from __future__ import annotations

from archive.whitespace import text_key, without_space

# Length of the overlapping pieces of text that are compared. Four Chinese characters are about
# two words: rare enough that unrelated texts share few of them.
_SHINGLE = 4
# Measured on municipal documents: different ones written to one pattern (a yearly notice, say)
# share up to half of their pieces, revisions of one document more than two thirds.
_ALIKE = 0.6


def titles_agree(one: str, other: str) -> bool:
    """Whether two titles are the same but for white space; two absent titles do not agree."""
    left = without_space(one)
    return bool(left) and left == without_space(other)


def texts_alike(one: str, other: str) -> bool:
    """Whether two canonical texts are states of one document, judged by what they share.

    The measure is the share of common pieces in the smaller text, so that a long annex added to a
    document does not make it another one. Texts too short to judge are alike only when equal.
    """
    left, right = text_key(one), text_key(other)
    if left == right:
        return left != ""
    small, large = sorted((_shingles(left), _shingles(right)), key=len)
    if len(small) < _SHINGLE:
        return False
    # A fragment is in every text of its kind: the smaller one must still be a good part.
    if len(small) * 4 < len(large):
        return False
    return len(small & large) / len(small) >= _ALIKE


def _shingles(text: str) -> set[str]:
    return {text[i : i + _SHINGLE] for i in range(len(text) - _SHINGLE + 1)}
