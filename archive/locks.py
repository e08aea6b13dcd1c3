"""Locks between processes that a crash does not leave behind."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from archive.errors import BusyError


class ProcessLock:
    """An exclusive lock on a file, held until `release` or until the process is gone.

    The kernel holds it for the open file, so there is no stale lock to clean up. The file itself
    stays: removing it would let a third process lock another file of the same name.
    """

    def __init__(self, path: Path, sentence: str, refusal: type[BusyError] = BusyError) -> None:
        """A second holder is told `sentence`, by a `refusal`. Raises that, and OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise refusal(sentence) from None

    def release(self) -> None:
        """Let go of the lock; again is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> ProcessLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
