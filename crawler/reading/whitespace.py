"""White space as readers see it: invisible characters vanish, runs of space become one."""

from __future__ import annotations

import re

# Without width and without meaning in Chinese text: editors leave them behind. The joiners do
# have a meaning between Mongolian letters.
_INVISIBLE = re.compile(
    r"[\u200b\u2060\ufeff]|(?<![\u1800-\u18af])[\u200c\u200d](?![\u1800-\u18af])"
)
_HAS_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufeff]")
_WIDE = "\u2e80-\u303f\u3041-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
# A line broken in the source between two Chinese characters is no space (CSS Text 3, 4.1.3).
_SOURCE_BREAK = re.compile(rf"(?<=[{_WIDE}])[^\S\n]*\n\s*(?=[{_WIDE}])")


def tidy(text: str) -> str:
    """`text` on one line: trimmed, each run of white space one space.

    Non-breaking, ideographic and all other Unicode spaces count as white space; characters of no
    width are dropped; a line break between two Chinese characters is dropped too.
    """
    if not text.isascii():
        if _HAS_INVISIBLE.search(text):
            text = _INVISIBLE.sub("", text)
        if "\n" in text or "\r" in text:
            text = _SOURCE_BREAK.sub("", text.replace("\r", "\n"))
    return " ".join(text.split())


def squeeze(text: str) -> str:
    """`text` without any white space or characters of no width, for comparing words."""
    if _HAS_INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    return "".join(text.split())
