"""The log's folder: the file, its predecessors, and how one becomes the other.

The predecessor written last is `FILE.1` and stays as it is: a process that was held up in the
middle of a line may still write to it. Older ones, `.2` and so on, are compressed: `.2.gz`. At any
moment each line stands in one file, or, while that is being compressed and if a crash ends it, in
the uncompressed one besides, which then counts.
"""

from __future__ import annotations

import fcntl
import glob
import gzip
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

_COMPRESSED = ".gz"
_PARTIAL = ".partial"
# Lines of JSON become a fifteenth at once, and hardly less with more effort.
_EFFORT = 4
_FIRST_COMPRESSED = 2


class LogPart(NamedTuple):
    """The log file (`number` 0) or one of its predecessors, opened for reading."""

    number: int
    modified: float
    """When it was last written to, in seconds since 1970."""
    identity: tuple[int, int]
    """What tells its file from another that takes its name."""
    stream: BinaryIO


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one who renames, compresses or lists files of a log in `folder`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_room(path: Path, kept: int) -> None:
    """Make the log file at `path` its first predecessor and keep `kept` of these.

    To be called with the folder locked. Raises OSError when the file cannot be renamed.
    """
    _clear_up(path)
    taken = {number for number, _ in _predecessors(path)}
    free = next(number for number in count(1) if number not in taken)
    for number in range(free, 1, -1):
        for suffix in ("", _COMPRESSED):
            with suppress(FileNotFoundError):
                _named(path, number - 1, suffix).replace(_named(path, number, suffix))
    path.replace(_named(path, 1))
    for number, one in _predecessors(path):
        if number > kept:
            one.unlink()
        elif number >= _FIRST_COMPRESSED and one.suffix != _COMPRESSED:
            # With no space left for it, it waits for the next time.
            with suppress(OSError):
                _compress(one)


@contextmanager
def opened(path: Path) -> Iterator[list[LogPart]]:
    """The log file at `path` and its predecessors as they are at one moment, the newest first.

    What is opened can be read to its end whatever becomes of the names meanwhile. Raises OSError.
    """
    parts: list[LogPart] = []
    try:
        if path.parent.is_dir():
            with locked(path.parent):
                whole = dict(reversed(_predecessors(path)))
                for number, one in [(0, path), *sorted(whole.items())]:
                    with suppress(FileNotFoundError):
                        parts.append(_open(number, one))
        yield parts
    finally:
        for part in parts:
            part.stream.close()


def _open(number: int, path: Path) -> LogPart:
    stream = gzip.open(path) if path.suffix == _COMPRESSED else path.open("rb")  # noqa: SIM115
    status = os.fstat(stream.fileno())
    return LogPart(
        number, status.st_mtime, (status.st_dev, status.st_ino), cast("BinaryIO", stream)
    )


def _predecessors(path: Path) -> list[tuple[int, Path]]:
    """Each predecessor with its number, in order; of one that is there twice, the whole first."""
    spelling = re.compile(re.escape(path.name) + r"\.([1-9][0-9]{0,5})(\.gz)?")
    found = [
        (int(match[1]), bool(match[2]), one)
        for one in path.parent.iterdir()
        if (match := spelling.fullmatch(one.name))
    ]
    return [(number, one) for number, _, one in sorted(found)]


def _clear_up(path: Path) -> None:
    """Remove what a crash in the middle of compressing has left."""
    for partial in path.parent.glob(f"{glob.escape(path.name)}.*{_PARTIAL}"):
        partial.unlink(missing_ok=True)
    for number, one in _predecessors(path):
        if one.suffix == _COMPRESSED and (plain := _named(path, number)).exists():
            # It was given its name when it was whole.
            plain.unlink()


def _compress(path: Path) -> None:
    whole = path.with_name(path.name + _COMPRESSED)
    partial = whole.with_name(whole.name + _PARTIAL)
    status = path.stat()
    try:
        with path.open("rb") as source, partial.open("wb") as target:
            # A process that was held up in the middle of a line has it locked.
            with suppress(OSError):
                fcntl.flock(source, fcntl.LOCK_EX)
            with gzip.GzipFile("", "wb", _EFFORT, target, mtime=0) as packed:
                shutil.copyfileobj(source, packed, 1 << 20)
            target.flush()
            os.fchmod(target.fileno(), status.st_mode & 0o7777)
            os.fsync(target.fileno())
        # By this, a reader knows which files are too old for it.
        os.utime(partial, ns=(status.st_atime_ns, status.st_mtime_ns))
        partial.replace(whole)
    finally:
        partial.unlink(missing_ok=True)
    path.unlink()


def _named(path: Path, number: int, suffix: str = "") -> Path:
    return path.with_name(f"{path.name}.{number}{suffix}")
