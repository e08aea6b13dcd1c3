"""Word documents of Word 97 to 2003, `.doc`, and `.wps` files of WPS, which are the same format.

The structure is that of Microsoft's open specification [MS-DOC]: `word_binary` finds the pieces of
text and what is said about them, here they become paragraphs and rows.
"""

from __future__ import annotations

import io
import re

import olefile

from archive.attachments.readers.found import Found, Lines
from archive.attachments.readers.word_binary import Mark, Story, stories

_LINE, _PAGE, _CELL, _PARAGRAPH = "\x0b", "\x0c", "\x07", "\r"
_FIELD_BEGINS, _FIELD_SHOWS, _FIELD_ENDS = "\x13", "\x14", "\x15"
_SPECIAL = re.compile("[\x07\x0b\x0c\r\x13-\x15\x1e]")


def read(body: bytes) -> Found:
    """Its paragraphs and tables, its notes and text boxes; headers and footers are left out."""
    with olefile.OleFileIO(io.BytesIO(body)) as container:
        lines = Lines()
        for story in stories(container):
            _Teller(lines).tell(story)
    return lines.found()


class _Teller:
    """Turns one story into lines."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._text: list[str] = []
        self._cells: list[str] = []
        # For each field that is open, whether its instruction is over and its result shown.
        self._fields: list[bool] = []

    def tell(self, story: Story) -> None:
        """Add the story's paragraphs and rows."""
        end = 0
        for special in _SPECIAL.finditer(story.text):
            place, sign = special.start(), special[0]
            self._say(story.text[end:place])
            end = special.end()
            self._obey(sign, story.mark_at(place))
        self._say(story.text[end:])
        self._end_paragraph()

    def _say(self, text: str) -> None:
        if all(self._fields):
            self._text.append(text)

    def _obey(self, sign: str, mark: Mark) -> None:
        if sign == _FIELD_BEGINS:
            self._fields.append(False)
        elif sign == _FIELD_SHOWS and self._fields:
            self._fields[-1] = True
        elif sign == _FIELD_ENDS and self._fields:
            self._fields.pop()
        elif sign == "\x1e":
            self._say("-")
        elif sign == _CELL:
            self._end_cell(mark)
        elif sign in (_PARAGRAPH, _LINE, _PAGE):
            if mark.in_table or self._cells:
                self._text.append(" ")
            else:
                self._end_paragraph()

    def _end_cell(self, mark: Mark) -> None:
        text = "".join(self._text).replace("\t", " ")
        self._text.clear()
        if mark.ends_row or (not mark.is_known and self._cells and not text):
            self._lines.add_row(self._cells)
            self._cells.clear()
        else:
            self._cells.append(text)

    def _end_paragraph(self) -> None:
        if self._cells:
            self._lines.add_row(self._cells)
            self._cells.clear()
        self._lines.add("".join(self._text))
        self._text.clear()
