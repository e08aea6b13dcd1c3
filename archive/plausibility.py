"""Whether a known document can have become what its page now shows: pure (R10).

A page that fails half-way only takes away. Whoever amends, repeals or moves a document also puts
something there: another word for its validity, a line that says so, a file. So a page is doubted
only where much of the document is missing and nothing on it is new. What is doubted is kept as
evidence and is not lost: `yange accept` records it.
"""

from __future__ import annotations

from dataclasses import replace

from archive.comparison import State, compare
from archive.fields import FIELD_NAMES, Fields
from archive.whitespace import line_key, text_key

# Characters. A shorter text is a covering note ("见附件"), which is reworded and dropped at will.
_LONG = 100
# Amendments that only strike out leave most of a text standing, and a chapter or an annex that goes
# is seldom three quarters of it. Pages whose data failed to load leave a line or two, or nothing.
_SMALL_PART = 0.25
# A text that breaks off inside a sentence is odd whatever is left of it; but a last sentence that
# loses its tail is an edit too, so half of the text must be missing as well.
_HALF = 0.5
# Any shorter stretch can occur in a long text by accident.
_STRETCH = 10
SEVERAL = 2
"""One label found may be one misread; a table of metadata has more."""

_ENDS = tuple("。！？；：.!?;:…”’」』）)》〉】]")
STATED = tuple(name for name in FIELD_NAMES if name not in ("title", "validity"))
"""The fields that labels state. A title is found in the heading too, and validity follows from its
label."""


def doubt(before: State, after: State) -> str | None:
    """Why a page that shows `after` is not believed to be the document that was `before`.

    Both are in the words of one reader. None where the change can be a change of the document.
    """
    if stated(before.fields) >= SEVERAL and not stated(after.fields):
        return "a known document without its metadata"
    old, new = text_key(before.text), text_key(after.text)
    if (old or before.attachments) and not new and not after.attachments:
        if not _brings_a_value_or_file(before, after):
            return "a known document without its text and files"
        return None
    if len(old) < _LONG or len(new) >= len(old) * _HALF or _brings_anything(before, after):
        return None
    if len(new) < len(old) * _SMALL_PART:
        return "a known document with little of its text, and nothing new"
    if _breaks_off(old, before, after):
        return "a known document whose text breaks off"
    return None


def stated(fields: Fields) -> int:
    """How many fields a page states by their labels."""
    return sum(getattr(fields, name) is not None for name in STATED)


def _brings_anything(before: State, after: State) -> bool:
    return _brings_a_line(before.text, after.text) or _brings_a_value_or_file(before, after)


def _brings_a_value_or_file(before: State, after: State) -> bool:
    differences = compare(replace(before, text=""), replace(after, text=""))
    return any(one.after is not None for one in differences)


def _brings_a_line(before: str, after: str) -> bool:
    """Whether a line says what the text did not say before, wherever its lines were broken."""
    known, whole = {line_key(line) for line in before.split("\n")}, text_key(before)
    if whole.startswith(text_key(after)):
        return False
    lines = (line_key(line) for line in after.split("\n"))
    return any(line not in known and (len(line) < _STRETCH or line not in whole) for line in lines)


def _breaks_off(old: str, before: State, after: State) -> bool:
    """Whether the text is the beginning of the old one and ends within a line and a sentence."""
    new = text_key(after.text)
    last = line_key(after.text.rsplit("\n", 1)[-1])
    is_whole_line = last in {line_key(line) for line in before.text.split("\n")}
    return old.startswith(new) and not is_whole_line and not new.endswith(_ENDS)
