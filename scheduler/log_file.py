"""The log file: lines appended by several processes at once, rotated by size."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# About a month of half-hourly runs on a medium portal; with its predecessors a season.
ROTATE_BYTES = 16 * 1024 * 1024
KEPT = 8


class LogFile(logging.Handler):
    """Appends each record as one line to a file that other processes append to as well.

    The daemon and its crawls share the file. Every line is a single write to a descriptor in append
    mode, so lines never mix; whoever finds the file too large renames it to `.1`, that to `.2`
    and so on, keeping `kept` of them, and the others notice that the file is another one.
    """

    def __init__(self, path: Path, rotate_bytes: int = ROTATE_BYTES, kept: int = KEPT) -> None:
        """Open the file, making its folder; OSError when that cannot be done."""
        super().__init__()
        self.path = path
        self._rotate_bytes = rotate_bytes
        self._kept = kept
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = self._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            line = (self.format(record) + "\n").encode(errors="backslashreplace")
            self._follow(len(line))
            os.write(self._descriptor, line)
        except Exception:  # noqa: BLE001 a log that cannot be written must not end a run
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        self.acquire()
        try:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
        finally:
            self.release()
        super().close()

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _follow(self, coming: int) -> None:
        """Rotate the file if it is full, and reopen it if it is another one by now."""
        if not self._is_current():
            self._reopen()
        size = os.fstat(self._descriptor).st_size
        if size and size + coming > self._rotate_bytes:
            with self._folder_locked():
                # Another process may have rotated while this one waited for the lock.
                if self._is_current():
                    self._rotate()
            self._reopen()

    def _is_current(self) -> bool:
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False
        # Closed is not for ever: Scrapy configures the standard library's logging anew when a crawl
        # starts, and that closes every handler there is, those it then goes on using included.
        return self._descriptor >= 0 and os.path.samestat(named, os.fstat(self._descriptor))

    def _reopen(self) -> None:
        fresh = self._open()
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = fresh

    def _rotate(self) -> None:
        for number in range(self._kept - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._numbered(number).replace(self._numbered(number + 1))
        self.path.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    @contextmanager
    def _folder_locked(self) -> Iterator[None]:
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
