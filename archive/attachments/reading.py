"""Reading one file, in this process: its format is told, its reader called, its faults named.

Only the reading process does so (`worker`): a file can take any time and memory.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from archive.attachments.formats import Format, format_of, reader_of
from archive.attachments.limits import LIMITS
from archive.attachments.readers.found import Found
from archive.attachments.text import FileText, Outcome, UnreadableError

_NO_READER = reader_of(Format.NONE)


class _Reader(Protocol):
    def read(self, body: bytes) -> Found: ...


def read_file(
    body: bytes, announce: Callable[[str], None] = lambda _reader: None, *, depth: int = 0
) -> FileText:
    """The text of a file, or why it has none; never raises for what a file is.

    `announce` is told once which reader takes it, before that begins. `depth` is how many archives
    the file is in.
    """
    try:
        found = format_of(body)
    except UnreadableError as error:
        announce(_NO_READER)
        return FileText(error.outcome, _NO_READER, note=error.note)
    announce(reader_of(found))
    try:
        text = _text(found, body, depth)
    except UnreadableError as error:
        return FileText(error.outcome, reader_of(found), note=error.note)
    except MemoryError:
        return FileText(Outcome.TOO_LARGE, reader_of(found), note="it takes too much memory")
    except Exception as error:  # noqa: BLE001 libraries fail on broken files in every way
        return FileText(Outcome.BROKEN, reader_of(found), note=_sentence(found, error))
    return FileText(Outcome.READ, reader_of(found), text.text, text.note)


def _text(found: Format, body: bytes, depth: int) -> Found:
    if found is not Format.ZIP:
        return _reader(found).read(body)
    if depth >= LIMITS.depth:
        raise UnreadableError(
            Outcome.TOO_LARGE, f"an archive in archives, more than {LIMITS.depth} deep"
        )
    from archive.attachments.readers import zip as files

    return files.read(body, depth + 1)


def _reader(found: Format) -> _Reader:
    # Loaded when the first file of the format comes: most take a good part of a second.
    return cast(_Reader, import_module(f"archive.attachments.readers.{found.value}"))


def _sentence(found: Format, error: Exception) -> str:
    why = " ".join(str(error).split())[:200]
    return f"not a sound {found.value} file: {why or type(error).__name__}"
