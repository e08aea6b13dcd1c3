"""An order as a file: everything that a crawl needs to know, for whoever has no archive.

Lines of JSON, compressed. The first is the order itself, the last says whether the others are
whole, each of these is a list that begins with what it is about (docs/orders.md).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from io import BufferedWriter
from itertools import islice, takewhile
from pathlib import Path
from typing import IO, Any, cast

import orjson

from archive.errors import YangeError
from archive.export.target import new_file
from archive.spools.wholeness import Measured, NotWholeError, checked_end
from crawler.order import Mode, Order
from crawler.settings import PortalSettings

FORMAT = 1
"""Of the lines; whoever reads an order refuses one of another."""

Line = list[Any]

_LEVEL = 6
_PIECE = 1 << 16
_END = "yange-order-end"
_MAGIC = b"\x1f\x8b\x08"
_UNREADABLE = (gzip.BadGzipFile, EOFError, LookupError, TypeError, ValueError, zlib.error)


class OrderRefusedError(YangeError):
    """A file that is no whole order of this yange's; nothing was asked for."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the order {path} {why}; nothing was asked for")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """An order with the name that it goes by.

    `after_run` is the id of the archive's last run when it was written; `reader` and
    `reader_settings` are those of the reader that the archive's pages are read with.
    """

    id: str
    order: Order
    after_run: int
    reader: str
    reader_settings: str


def write_lines(path: Path, head: OrderFile, lines: Iterable[Line]) -> None:
    """Write an order, which appears under its name whole. Raises TargetExistsError."""
    with new_file(path, force=False) as file:
        out = Measured(file)
        packed = gzip.GzipFile("", "wb", _LEVEL, cast(IO[bytes], out))
        with BufferedWriter(packed, _PIECE) as buffered:
            buffered.write(_line(_as_json(head)))
            for line in lines:
                buffered.write(_line(line))
        file.write(gzip.compress(_line({_END: FORMAT, **out.measure})))


@contextmanager
def opened(path: Path) -> Iterator[tuple[OrderFile, Iterator[Line]]]:
    """An order and its lines, once every byte of it has been checked.

    Raises OrderRefusedError.
    """
    try:
        with path.open("rb") as file:
            stated = _stated(path, file)
            _check(path, file)
            head = _head(path, stated)
            values = map(orjson.loads, islice(_unpacked(file), 1, None))
            yield head, takewhile(lambda value: isinstance(value, list), values)
    except OSError as error:
        raise OrderRefusedError(path, f"cannot be read: {error.strerror}") from error


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(gzip.GzipFile("", "rb", fileobj=file))


def _check(path: Path, file: IO[bytes]) -> None:
    try:
        checked_end(file, _END)
    except NotWholeError as error:
        raise OrderRefusedError(path, str(error)) from error


def _stated(path: Path, file: IO[bytes]) -> dict[str, Any]:
    """The first line of an order, which is of the format that is understood here."""
    try:
        value: dict[str, Any] = orjson.loads(next(_unpacked(file), b""))
        form = value["yange-order"]
    except _UNREADABLE as error:
        file.seek(0)
        if file.read(len(_MAGIC)) == _MAGIC:
            _check(path, file)
        raise OrderRefusedError(path, "is none: it does not begin as one does") from error
    if form != FORMAT:
        raise OrderRefusedError(
            path,
            "was written by another version of yange, whose orders this one does not understand"
            f" (format {form} instead of {FORMAT})",
        )
    return value


def _head(path: Path, value: dict[str, Any]) -> OrderFile:
    try:
        return _from_json(value)
    except (KeyError, TypeError, ValueError) as error:
        raise OrderRefusedError(
            path, "says what this yange does not understand; it was written by another version"
        ) from error


def _line(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _as_json(file: OrderFile) -> dict[str, Any]:
    order = file.order
    value = asdict(replace(order, settings=cast(Any, None)))
    # What others add to a portal's section is not the crawl's; and a list that is given at all is
    # to have something in it.
    dumped = order.settings.model_dump(mode="json", include=set(PortalSettings.model_fields))
    settings = {name: value for name, value in dumped.items() if value}
    return {
        "yange-order": FORMAT,
        "yange": version("yange"),
        **{name: getattr(file, name) for name in ("id", "after_run", "reader", "reader_settings")},
        "order": {**value, "settings": settings},
    }


def _from_json(value: dict[str, Any]) -> OrderFile:
    stated = value["order"]
    ends_at = stated["ends_at"]
    order = Order(
        **{
            **stated,
            "settings": PortalSettings.model_validate(stated["settings"]),
            "mode": Mode(stated["mode"]),
            "ends_at": datetime.fromisoformat(ends_at) if ends_at else None,
        }
    )
    return OrderFile(
        id=value["id"],
        order=order,
        after_run=value["after_run"],
        reader=value["reader"],
        reader_settings=value["reader_settings"],
    )
