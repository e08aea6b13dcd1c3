"""The log file: lines appended by several processes at once, rotated by size."""

from __future__ import annotations

import fcntl
import logging
import os
from contextlib import suppress
from pathlib import Path

from scheduler.log_folder import locked, make_room

# About a month of half-hourly runs on a medium portal; with its predecessors, which take about a
# fifteenth of that each, some years.
ROTATE_BYTES = 16 * 1024 * 1024
KEPT = 32


class LogFile(logging.Handler):
    """Appends each record as one line to a file that other processes append to as well.

    The daemon and its crawls share the file. Every line is a single write to a descriptor in append
    mode, so lines never mix, and half a line that a killed process left is ended before the next;
    whoever finds the file too large makes it the first of `kept` predecessors (`log_folder`), and
    the others notice that the file is another one.
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
            while not self._append(line):
                self._follow(len(line))
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
        return os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _follow(self, coming: int) -> None:
        """Rotate the file if it is full, and reopen it if it is another one by now."""
        if not self._is_current():
            self._reopen()
        size = os.fstat(self._descriptor).st_size
        if size and size + coming > self._rotate_bytes:
            with locked(self.path.parent):
                # Another process may have rotated while this one waited for the lock.
                if self._is_current():
                    make_room(self.path, self._kept)
            self._reopen()

    def _append(self, line: bytes) -> bool:
        """Write a line; False if the file has become a predecessor meanwhile."""
        # Whoever is in the middle of a line is waited for. On a file system without locks that
        # looks like a line cut short, and leaves an empty line, which readers pass over.
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            if not self._is_current():
                # It may be compressed and gone by now, if this process was held up long enough.
                return False
            size = os.fstat(self._descriptor).st_size
            # The system may end a process halfway through a write.
            is_torn = size > 0 and os.pread(self._descriptor, 1, size - 1) != b"\n"
            os.write(self._descriptor, b"\n" + line if is_torn else line)
        finally:
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return True

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
