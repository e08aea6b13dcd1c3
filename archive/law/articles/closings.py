"""How texts end: who signs, when, and what is said after the last article or item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from archive.law.articles.markers import marker_of

_SIGNATURE_LENGTH = 40
_SIGNATURE_LINES = 4
_DATE = re.compile(r"(?:\d{4}|[〇○零一二三四五六七八九O]{4})年[\w〇○]{1,3}月[\w〇○]{1,3}日")
_NO_SIGNATURE = re.compile(r"[。；;：:，,、！!？?《》“”\t\d]")
_AGENCY = re.compile(
    r"(?:政府|办公室|办公厅|委员会|委|局|厅|中心|支队|指挥部|领导小组|公司|院|处)$"
)
_END = re.compile(r"[。！!？?；;）)”」』]\s*$")
_NOTE = re.compile(r"[（(][^（()）]*[)）]")
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|jpe?g|png)$", re.IGNORECASE)
_FORMULA = re.compile(
    r"本.{1,8}自.{1,40}(?:施行|实施|执行)|特此.{2,4}[。！]?$|以上.{0,6}(?:通知|意见|决定)|"
    r".*根据本决定.*(?:修改|修正|公布)"
)


def ends_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does, so that something new can begin after it."""
    return _END.search(line) is not None


def is_date(line: str) -> bool:
    """Whether a line is a date and nothing else."""
    return _DATE.fullmatch("".join(unicodedata.normalize("NFKC", line).split())) is not None


def is_formula(line: str) -> bool:
    """Whether a line is said of the whole document: 特此通知, 本决定自公布之日起施行."""
    return _FORMULA.match(line.strip()) is not None


def is_apart(lines: Sequence[str], place: int) -> bool:
    """Whether the line at `place` is no part of what stands before it: a signature or a date, the
    name of a file, a note in brackets at the end.
    """
    line = lines[place].strip()
    if is_date(line) or _FILE.search(line) is not None:
        return True
    at_end = place + 1 == len(lines)
    if _NOTE.fullmatch(line) is not None:
        return at_end
    if not is_signature(line):
        return False
    for later in lines[place + 1 : place + 1 + _SIGNATURE_LINES]:
        if is_date(later):
            return True
        if not is_signature(later):
            return False
    return (
        at_end
        and _AGENCY.search(line) is not None
        and (place == 0 or ends_sentence(lines[place - 1]))
    )


def is_signature(line: str) -> bool:
    """Whether a line could be who signs: short, without punctuation and figures."""
    text = line.strip()
    return (
        0 < len(text) <= _SIGNATURE_LENGTH
        and _NO_SIGNATURE.search(text) is None
        and marker_of(text) is None
    )
