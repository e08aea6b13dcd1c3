"""A few lines of prose with links and marks, and what they look like as text, Markdown and HTML.

What a portal wrote reaches all three by the same pieces, and each escapes them in its own way: no
title can make a link, a heading or an element.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Literal

from archive.terminal import visible

Mark = Literal["plain", "strong", "delete", "insert"]
Role = Literal["heading", "text", "item"]
Format = Literal["text", "markdown", "html"]

# What Markdown makes something of inside a line, and at the beginning of one.
_MARKUP = re.compile(r"([\\`*_~\[\]<>|])")
_AT_THE_START = re.compile(r"^(\s*)([#+\-=]|\d+[.)])")
# A chat in which a portal's words could call everybody to the screen.
_MENTION = re.compile(r"@(?=\w)")
_NOT_IN_A_LINK = re.compile(r"[\s()<>\\\"']")
_NOT_IN_XML = re.compile("[\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: words, marked or not, or with `address` a link by these words."""

    text: str
    mark: Mark = "plain"
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message."""

    pieces: tuple[Piece, ...]
    role: Role = "text"

    @classmethod
    def of(cls, *parts: str | Piece, role: Role = "text") -> Line:
        """A line of words and pieces."""
        return cls(tuple(Piece(one) if isinstance(one, str) else one for one in parts), role)


Lines = Sequence[Line]


def render(lines: Iterable[Line], form: Format) -> str:
    """The lines in one of the three forms."""
    return _FORMS[form](lines)


def printable(text: str) -> str:
    """`text` on one line, without characters that XML and terminals do not take."""
    return _NOT_IN_XML.sub("\ufffd", visible(" ".join(text.split())))


def _inside(text: str) -> str:
    """`printable`, but with the white space at both ends kept as one space."""
    words = printable(text)
    if not words:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{words}{' ' if text[-1].isspace() else ''}"


def _as_text(lines: Iterable[Line]) -> str:
    """Addresses stand at the end of their lines, where nothing can be taken for a part of them."""
    told: list[str] = []
    for line in lines:
        words = "".join(_marked(_inside(one.text), one.mark) for one in line.pieces)
        addresses = [
            _address(one.address)
            for one in line.pieces
            if one.address is not None and one.address != one.text
        ]
        words = " ".join([words, *addresses])
        if line.role == "heading" and told:
            told.append("")
        told.append(f"  {words}" if line.role == "item" else words)
    return "\n".join(told)


def _marked(words: str, mark: Mark) -> str:
    """As `diff` shows it at a terminal, so that the mark survives where there are no colours."""
    if mark == "delete":
        return f"[-{words}-]"
    return f"{{+{words}+}}" if mark == "insert" else words


def _as_markdown(lines: Iterable[Line]) -> str:
    """Paragraphs apart from each other, since some services run lines together."""
    told: list[str] = []
    for role, group in groupby(lines, key=lambda one: one.role):
        words = ["".join(_markdown_piece(one) for one in line.pieces) for line in group]
        if role == "heading":
            told += [f"### {one}" for one in words]
        elif role == "item":
            told.append("\n".join(f"- {one}" for one in words))
        else:
            told += [_AT_THE_START.sub(r"\1\\\2", one) for one in words]
    return "\n\n".join(told)


def _markdown_piece(piece: Piece) -> str:
    words = _MARKUP.sub(r"\\\1", _MENTION.sub("@\u200b", _inside(piece.text)))
    if piece.address is not None:
        return f"[{words}]({_address(piece.address)})"
    return f"**{words}**" if piece.mark == "strong" else _marked(words, piece.mark)


def _as_html(lines: Iterable[Line]) -> str:
    told: list[str] = []
    for role, group in groupby(lines, key=lambda one: one.role):
        words = ["".join(_html_piece(one) for one in line.pieces) for line in group]
        if role == "item":
            told.append("<ul>" + "".join(f"<li>{one}</li>" for one in words) + "</ul>")
        else:
            element = "h3" if role == "heading" else "p"
            told += [f"<{element}>{one}</{element}>" for one in words]
    return "".join(told)


_ELEMENTS: dict[Mark, str] = {"strong": "strong", "delete": "del", "insert": "ins"}


def _html_piece(piece: Piece) -> str:
    # The signs stand there as well: mail is also read as plain text, and feeds without styles.
    words = escape(_marked(_inside(piece.text), piece.mark))
    if piece.address is not None:
        return f'<a href="{escape(_address(piece.address))}">{words}</a>'
    element = _ELEMENTS.get(piece.mark)
    return f"<{element}>{words}</{element}>" if element else words


def _address(address: str) -> str:
    return _NOT_IN_A_LINK.sub(lambda one: f"%{ord(one[0]):02X}", visible(address))


_FORMS: dict[Format, Callable[[Iterable[Line]], str]] = {
    "text": _as_text,
    "markdown": _as_markdown,
    "html": _as_html,
}
