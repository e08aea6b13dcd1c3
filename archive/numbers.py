"""Index numbers 索引号: normal form and completeness (R1, R2)."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_WHITE_SPACE = re.compile(r"\s+")
_SLASHES = re.compile(r"/+")
_STRUCTURED = re.compile(r"(?P<organisation>[^/]*)/(?P<serial>\d{4}-\d+)")


def normalise_index_number(raw: str) -> str | None:
    """The normal form of an index number as written on a page, or None where it states none.

    NFKC (full-width letters, digits and slashes become ASCII), no white space, upper case, a run
    of slashes is one (R1). `无` and emptiness are None.
    """
    number, before = raw, None
    # Each step can make work for another: upper-casing what NFKC would have folded (ŉ → ʼN), NFKC
    # white space out of an accent that stands alone.
    while number != before:
        before = number
        folded = unicodedata.normalize("NFKC", number).upper()
        number = _SLASHES.sub("/", _WHITE_SPACE.sub("", folded))
    return None if number in {"", "无", "/"} else number


class NumberParts(NamedTuple):
    """The parts of a number of the form `ORGANISATION/YEAR-SERIAL`; organisation may be empty."""

    organisation: str
    serial: str


def parts_of(number: str) -> NumberParts | None:
    """The parts of a normalised number, or None for a number of any other grammar."""
    match = _STRUCTURED.fullmatch(number)
    return NumberParts(match["organisation"], match["serial"]) if match else None


def is_complete(number: str) -> bool:
    """Whether a normalised number identifies a document across its whole portal (R2)."""
    parts = parts_of(number)
    return parts is not None and parts.organisation != ""


def completes(complete: str, incomplete: str) -> bool:
    """Whether `complete` is `incomplete` with its missing organisation part filled in (R4)."""
    left, right = parts_of(complete), parts_of(incomplete)
    return (
        left is not None
        and right is not None
        and left.organisation != ""
        and right.organisation == ""
        and left.serial == right.serial
    )
