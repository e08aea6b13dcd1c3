"""A message in the form and the length that a service takes: pure."""

from __future__ import annotations

from dataclasses import replace

from archive.telling.prose import Format, Line, render
from scheduler.telling.messages import Message
from scheduler.telling.wording import MESSAGE_WORDINGS

_CUT = "…"


def fit_subject(subject: str, limit: int) -> str:
    """The subject in at most `limit` bytes of UTF-8; 0 is no limit."""
    if not limit or len(subject.encode()) <= limit:
        return subject
    kept = subject.encode()[: limit - len(_CUT.encode())]
    return kept.decode(errors="ignore") + _CUT


def brief(message: Message) -> Message:
    """The message without a word of a portal's: some services refuse messages for their words."""
    words = MESSAGE_WORDINGS[message.language]
    subject = message.plain_subject
    return replace(message, subject=subject, lines=(Line.of(words.brief),))


def fit(message: Message, form: Format, limit: int) -> str:
    """The body in that form and at most `limit` bytes of UTF-8, whole lines of it.

    Services count characters or bytes; in bytes no message is too long for either. What says where
    the rest is comes last whatever is left out.
    """
    words = MESSAGE_WORDINGS[message.language]
    cut = Line.of(words.cut)
    whole = render([*message.lines, *message.rest], form)
    if _fits(whole, limit):
        return whole
    # The longest beginning that fits: sizes grow with every line.
    least, most = 0, len(message.lines) - 1
    while least < most:
        middle = (least + most + 1) // 2
        if _fits(render([*message.lines[:middle], cut, *message.rest], form), limit):
            least = middle
        else:
            most = middle - 1
    return render([*message.lines[:least], cut, *message.rest], form)


def _fits(text: str, limit: int) -> bool:
    return not limit or len(text.encode()) <= limit
