"""An order as a file: everything that a crawl needs to know, for whoever has no archive.

Lines of JSON, compressed. The first is the order itself, the last says how many stand between them,
each of these is a list that begins with what it is about (docs/orders.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Any, cast

import orjson
import zstandard

from archive.errors import YangeError
from archive.export.target import new_file
from crawler.order import Mode, Order
from crawler.settings import PortalSettings

FORMAT = 1
"""Of the lines; whoever reads an order refuses one of another."""

Line = list[Any]

_LEVEL = 6
_END = "end"


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
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        with compressor.stream_writer(file, closefd=False) as out:
            out.write(orjson.dumps(_as_json(head), option=orjson.OPT_APPEND_NEWLINE))
            count = 0
            for line in lines:
                out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                count += 1
            out.write(orjson.dumps([_END, count], option=orjson.OPT_APPEND_NEWLINE))


@contextmanager
def opened(path: Path) -> Iterator[tuple[OrderFile, Iterator[Line]]]:
    """An order and its lines, the end of which shows whether it was whole.

    Raises OrderRefusedError.
    """
    try:
        with path.open("rb") as file:
            stream = zstandard.ZstdDecompressor().stream_reader(file)
            lines = iter(TextIOWrapper(cast(Any, stream), encoding="utf-8", newline="\n"))
            yield _head(path, lines), _lines(path, lines)
    except OSError as error:
        raise OrderRefusedError(path, f"cannot be read: {error.strerror}") from error


def _head(path: Path, lines: Iterator[str]) -> OrderFile:
    try:
        value = orjson.loads(next(lines, ""))
        form = value["yange-order"]
    except (zstandard.ZstdError, ValueError, KeyError, TypeError) as error:
        raise OrderRefusedError(path, "is none: it does not begin as one does") from error
    if form != FORMAT:
        raise OrderRefusedError(
            path,
            "was written by another version of yange, whose orders this one does not understand"
            f" (format {form} instead of {FORMAT})",
        )
    try:
        return _from_json(value)
    except (KeyError, TypeError, ValueError) as error:
        raise OrderRefusedError(
            path, "says what this yange does not understand; it was written by another version"
        ) from error


def _lines(path: Path, lines: Iterator[str]) -> Iterator[Line]:
    count = 0
    try:
        for text in lines:
            line = orjson.loads(text)
            if line[0] == _END:
                if line[1] != count or next(lines, None) is not None:
                    break
                return
            count += 1
            yield line
    except (zstandard.ZstdError, ValueError, IndexError, TypeError, KeyError) as error:
        raise OrderRefusedError(path, "is damaged") from error
    raise OrderRefusedError(path, "is cut off or damaged")


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
