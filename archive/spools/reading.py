"""Reading a spool: whether it is whole, before anything of it is used, and then what it holds."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive.spools.form import END, FORMAT, ITEMS, SpoolHead, SpoolRefusedError
from archive.spools.items import Item
from archive.spools.wholeness import NotWholeError, checked_end

_BODIES = ("response", "resource")
_UNREADABLE = (ArchiveLoadFailed, EOFError, KeyError, TypeError, ValueError, zlib.error)


class Group(NamedTuple):
    """Items that stand together, and the bodies that they refer to, by their SHA-256."""

    items: list[Item]
    bodies: dict[str, bytes]


class Spool:
    """A whole spool; `sha256` is that of its bytes before the last record."""

    def __init__(self, path: Path, file: IO[bytes], head: SpoolHead, end: dict[str, Any]) -> None:
        self.path = path
        self.head = head
        self.sha256: str = end["sha256"]
        self.groups: int = end["groups"]
        self._file = file

    def read(self, after: int = 0) -> Iterator[Group]:
        """What it holds behind the first `after` groups. Raises SpoolRefusedError."""
        self._file.seek(0)
        number = 0
        bodies: dict[str, bytes] = {}
        try:
            for record in ArchiveIterator(self._file, no_record_parse=True):
                headers = record.rec_headers
                if record.rec_type == "metadata":
                    if headers.get_header("WARC-Target-URI") != ITEMS:
                        continue
                    number += 1
                    if number > after:
                        yield Group(orjson.loads(record.raw_stream.read()), bodies)
                    bodies = {}
                elif record.rec_type in _BODIES and number >= after:
                    body = record.raw_stream.read()
                    if record.rec_type == "response":
                        body = body.partition(b"\r\n\r\n")[2]
                    bodies[hashlib.sha256(body).hexdigest()] = body
        except _UNREADABLE as error:
            raise SpoolRefusedError(self.path, f"cannot be read ({error})") from error


@contextmanager
def open_spool(path: Path) -> Iterator[Spool]:
    """The spool at `path`, once its head has been understood and every byte of it checked.

    Raises SpoolRefusedError.
    """
    try:
        with path.open("rb") as file:
            head = _head(path, file)
            try:
                end = checked_end(file, END)
            except NotWholeError as error:
                raise SpoolRefusedError(path, str(error)) from error
            yield Spool(path, file, head, end)
    except OSError as error:
        raise SpoolRefusedError(path, f"cannot be read: {error.strerror}") from error


def read_head(path: Path) -> SpoolHead:
    """What the spool at `path` was made by; the rest of it is not looked at.

    Raises SpoolRefusedError.
    """
    try:
        with path.open("rb") as file:
            return _head(path, file)
    except OSError as error:
        raise SpoolRefusedError(path, f"cannot be read: {error.strerror}") from error


def _head(path: Path, file: IO[bytes]) -> SpoolHead:
    try:
        record = next(ArchiveIterator(file, no_record_parse=True), None)
        text = ""
        if record is not None and record.rec_type == "warcinfo":
            text = record.raw_stream.read().decode()
    except (*_UNREADABLE, AttributeError):
        text = ""
    pairs = (line.partition(":") for line in text.splitlines())
    stated = {name.strip(): value.strip() for name, _, value in pairs}
    if "yange-spool" not in stated:
        raise SpoolRefusedError(path, "is none: it does not begin as `yange execute` begins one")
    if stated["yange-spool"] != FORMAT:
        raise SpoolRefusedError(
            path,
            "was written by another version of yange, whose spools this one does not understand"
            f" (format {stated['yange-spool']} instead of {FORMAT})",
        )
    try:
        return SpoolHead(**orjson.loads(stated["yange-head"]))
    except (KeyError, TypeError, ValueError) as error:
        raise SpoolRefusedError(path, "is damaged at its beginning") from error
