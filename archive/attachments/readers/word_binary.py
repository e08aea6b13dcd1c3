"""The binary format of Word 97 to 2003: where its text is, and what of it is deleted or in a table.

Names and offsets are those of [MS-DOC], 2.5 (the file information block), 2.8.35 (pieces) and 2.9.
Text that a tracked change deleted is left out. Numbers that Word counts for itself are not made.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from archive.attachments.text import Outcome, UnreadableError

_MAGIC = 0xA5EC
_WORD_97 = 101
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
# Of the file information block: the counts of characters of each story, in the order of the text,
# and whether it is part of what a reader reads.
_COUNTS_AT = 0x4C
_STORIES = (True, True, False, False, False, True, True, False)
_CHARACTERS_AT, _PARAGRAPHS_AT, _PIECES_AT = 0xFA, 0x102, 0x1A2
_PAGE = 512
# Properties: deleted by a tracked change; in a table; the mark that ends a row; and a reference to
# properties that are too long to stand here.
_DELETED, _IN_TABLE, _ROW_END, _ELSEWHERE = 0x0800, 0x2416, 0x2417, 0x6646
_OPERAND_BYTES = (1, 1, 2, 4, 2, 2, 0, 3)
_LONG_TABLE, _LONG_TABS = 0xD608, 0xC615


class Mark(NamedTuple):
    """What is known of the paragraph that a mark ends."""

    in_table: bool
    ends_row: bool
    is_known: bool


class _Piece(NamedTuple):
    """Characters from `start` to `end` of the whole text, and where in the file they stand."""

    start: int
    end: int
    offset: int
    is_narrow: bool


class _Run(NamedTuple):
    """A stretch of the file's bytes, and its properties."""

    start: int
    end: int
    properties: dict[int, int]


class Story:
    """A stretch of text: the main one, or that of the notes or the text boxes."""

    def __init__(self) -> None:
        self.text = ""
        self._places: list[int] = []
        self._offsets: list[tuple[int, int]] = []
        self._paragraphs: _Runs | None = None

    def add(self, text: str, offset: int, width: int, paragraphs: _Runs) -> None:
        """Go on with a text that stands at this byte of the file, so many bytes a character."""
        self._places.append(len(self.text))
        self._offsets.append((offset, width))
        self.text += text
        self._paragraphs = paragraphs

    def mark_at(self, place: int) -> Mark:
        """What is known of the paragraph whose end is that character."""
        number = bisect_right(self._places, place) - 1
        if number < 0 or self._paragraphs is None:
            return Mark(in_table=False, ends_row=False, is_known=False)
        offset, width = self._offsets[number]
        run = self._paragraphs.at(offset + (place - self._places[number]) * width)
        if run is None:
            return Mark(in_table=False, ends_row=False, is_known=False)
        return Mark(
            in_table=bool(run.properties.get(_IN_TABLE)),
            ends_row=bool(run.properties.get(_ROW_END)),
            is_known=True,
        )


class _Runs:
    """The runs of a kind, to be asked by place."""

    def __init__(self, runs: Iterator[_Run]) -> None:
        self._runs = sorted(runs, key=lambda run: run.start)
        self._starts = [run.start for run in self._runs]

    def at(self, place: int) -> _Run | None:
        number = bisect_right(self._starts, place) - 1
        run = self._runs[number] if number >= 0 else None
        return run if run is not None and place < run.end else None

    def deleted(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches between two places that a tracked change deleted."""
        number = max(0, bisect_right(self._starts, start) - 1)
        for run in self._runs[number:]:
            if run.start >= end:
                return
            if run.end > start and run.properties.get(_DELETED):
                yield max(run.start, start), min(run.end, end)


def stories(container: Any) -> Iterator[Story]:  # noqa: ANN401 the library's
    """The stories that a reader reads, main text first. Raises UnreadableError."""
    main = container.openstream("WordDocument").read()
    magic, version = struct.unpack_from("<HH", main, 0)
    flags = struct.unpack_from("<H", main, 0x0A)[0]
    if magic != _MAGIC or version < _WORD_97:
        raise UnreadableError(
            Outcome.UNREADABLE_FORMAT, "a Word file of before Word 97, or of another program"
        )
    if flags & _ENCRYPTED:
        raise UnreadableError(Outcome.ENCRYPTED)
    table = container.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    data = container.openstream("Data").read() if container.exists("Data") else b""
    pieces = list(_pieces(table, *struct.unpack_from("<II", main, _PIECES_AT)))
    runs = [
        _Runs(_runs(main, table, data, *struct.unpack_from("<II", main, at), is_paragraph=whole))
        for at, whole in ((_CHARACTERS_AT, False), (_PARAGRAPHS_AT, True))
    ]
    start = 0
    for count, is_read in zip(struct.unpack_from("<8i", main, _COUNTS_AT), _STORIES, strict=True):
        end = start + max(0, count)
        if is_read and end > start:
            yield _story(main, pieces, runs[0], runs[1], start, end)
        start = end


def _story(
    main: bytes, pieces: list[_Piece], characters: _Runs, paragraphs: _Runs, start: int, end: int
) -> Story:
    story = Story()
    for piece in pieces:
        first, last = max(piece.start, start), min(piece.end, end)
        if first >= last:
            continue
        width = 1 if piece.is_narrow else 2
        at = piece.offset + (first - piece.start) * width
        until = piece.offset + (last - piece.start) * width
        if until > len(main):
            raise ValueError("it is cut off")
        for left, right in _left_over(at, until, characters.deleted(at, until)):
            text = _decoded(main[left:right], is_narrow=piece.is_narrow)
            story.add(text, left, width, paragraphs)
    return story


def _left_over(
    start: int, end: int, without: Iterator[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    for left, right in without:
        if left > start:
            yield start, left
        start = max(start, right)
    if start < end:
        yield start, end


def _decoded(data: bytes, *, is_narrow: bool) -> str:
    """Text of a piece: UTF-16, or one byte a character.

    Some programs of Chinese Windows put GBK there, against the specification.
    """
    if not is_narrow:
        return data.decode("utf-16-le", "replace")
    if sum(byte >= 0xA1 for byte in data) > 1:
        with suppress(UnicodeDecodeError):
            return data.decode("gbk")
    return data.decode("cp1252", "replace")


def _pieces(table: bytes, offset: int, length: int) -> Iterator[_Piece]:
    """The piece table: which characters of the text stand where."""
    end = offset + length
    while offset < end:
        kind = table[offset]
        if kind == 1:
            offset += 3 + struct.unpack_from("<H", table, offset + 1)[0]
            continue
        if kind != 2:
            raise ValueError("its piece table is damaged")
        size = struct.unpack_from("<I", table, offset + 1)[0]
        count = (size - 4) // 12
        places = struct.unpack_from(f"<{count + 1}I", table, offset + 5)
        for number in range(count):
            told = struct.unpack_from("<I", table, offset + 5 + 4 * (count + 1) + 8 * number + 2)[0]
            is_narrow = bool(told & 0x40000000)
            at = told & 0x3FFFFFFF
            yield _Piece(
                places[number], places[number + 1], at // 2 if is_narrow else at, is_narrow
            )
        return
    raise ValueError("it has no piece table")


def _runs(
    main: bytes, table: bytes, data: bytes, offset: int, length: int, *, is_paragraph: bool
) -> Iterator[_Run]:
    """The runs of characters or paragraphs with their properties; what is damaged is left out."""
    count = (length - 4) // 8
    if count < 1 or offset + length > len(table):
        return
    numbers = struct.unpack_from(f"<{count}I", table, offset + 4 * (count + 1))
    for number in numbers:
        page = main[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
        if len(page) < _PAGE:
            continue
        inside = page[-1]
        if 4 * (inside + 1) + inside * (13 if is_paragraph else 1) > _PAGE:
            continue
        bounds = struct.unpack_from(f"<{inside + 1}I", page, 0)
        for place in range(inside):
            at = page[4 * (inside + 1) + place * (13 if is_paragraph else 1)] * 2
            packed = _packed(page, at, is_paragraph=is_paragraph) if at else b""
            yield _Run(bounds[place], bounds[place + 1], _properties(packed, data))


def _packed(page: bytes, at: int, *, is_paragraph: bool) -> bytes:
    """The bytes of a run's properties."""
    size = page[at]
    if not is_paragraph:
        return page[at + 1 : at + 1 + size]
    if size:
        return page[at + 3 : at + 2 * size]
    return page[at + 4 : at + 2 + 2 * page[at + 1]] if at + 1 < _PAGE else b""


def _properties(packed: bytes, data: bytes, *, is_elsewhere: bool = False) -> dict[int, int]:
    """The properties that matter here, by their codes."""
    found: dict[int, int] = {}
    place = 0
    while place + 2 < len(packed):
        code = struct.unpack_from("<H", packed, place)[0]
        place += 2
        size = _OPERAND_BYTES[code >> 13]
        if code == _LONG_TABLE:
            size = 1 + struct.unpack_from("<H", packed + b"\0\0", place)[0]
        elif code >> 13 == 6:
            size = 1 + packed[place]
            if code == _LONG_TABS and packed[place] == 255:
                return found
        if code in (_DELETED, _IN_TABLE, _ROW_END):
            found[code] = packed[place]
        elif code == _ELSEWHERE and not is_elsewhere and place + 4 <= len(packed):
            at = struct.unpack_from("<I", packed, place)[0]
            if at + 2 <= len(data):
                length = struct.unpack_from("<H", data, at)[0]
                there = data[at + 2 : at + 2 + length]
                found |= _properties(there, data, is_elsewhere=True)
        place += size
    return found
