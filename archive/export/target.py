"""Where an export goes: a file or a folder that appears whole under its name, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from archive.errors import ConfigurationError, YangeError
from archive.folders import sync_folder

_BAG_MARK = "bagit.txt"


class TargetExistsError(ConfigurationError):
    """Something stands already where an export is to go."""

    def __init__(self, path: Path, what_to_do: str) -> None:
        super().__init__(f"{path} exists already; {what_to_do}")
        self.path = path


class TargetUnusableError(YangeError):
    """The file system does not let an export be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} cannot be written: {error.strerror}")
        self.path = path


def refuse_archive(path: Path, archive: Path) -> None:
    """Refuse to write over the archive, or over what SQLite keeps beside it.

    Raises ConfigurationError.
    """
    for suffix in ("", "-wal", "-shm"):
        part = archive.with_name(archive.name + suffix)
        if path.exists() and part.exists() and path.samefile(part):
            what = "belongs to the archive" if suffix else "is the archive itself"
            raise ConfigurationError(f"{path} {what}; name another file")


@contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file to write into, which gets its name when all of it is on the disk.

    A process that is killed leaves `.NAME.PID.partial` beside it. Raises TargetExistsError, unless
    `force` lets an older file be replaced, and TargetUnusableError.
    """
    if path.is_dir():
        raise TargetExistsError(path, "it is a folder; name a file")
    if path.exists() and not path.is_file():
        # Replaced by root, /dev/null would be a file for every other program.
        raise TargetExistsError(path, "it is a device or a pipe; name a file")
    if path.exists() and not force:
        raise TargetExistsError(path, "name another file, or replace it with --force")
    partial = _partial(path)
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise TargetUnusableError(path, error) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(path: Path, *, force: bool) -> Iterator[Path]:
    """A folder to fill, which gets its name when all of it is on the disk.

    `force` replaces an older bag and nothing else. Raises as `new_file` does.
    """
    if path.exists() and not force:
        raise TargetExistsError(path, "name another folder, or replace it with --force")
    if path.exists() and not (path / _BAG_MARK).is_file():
        raise TargetExistsError(path, "it is no bag, so --force does not replace it")
    partial = _partial(path)
    try:
        partial.mkdir()
        yield partial
        # A bag has thousands of small files; one pass over what waits is cheaper than one each.
        os.sync()
        if path.exists():
            old = partial.with_suffix(".replaced")
            path.rename(old)
            partial.rename(path)
            shutil.rmtree(old)
        else:
            partial.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        _clear(partial)
        raise TargetUnusableError(path, error) from error
    except BaseException:
        _clear(partial)
        raise


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def _clear(folder: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(folder)
