"""The daemon's lock: at most one daemon an archive, and anyone can see who it is."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.errors import ArchiveUnusableError, BusyError

# Somebody who only looks holds the lock for an instant; a daemon that starts just then tries
# again for this long before it concludes that the other one is a daemon.
_PERSISTENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class DaemonState:
    """Whether a daemon serves an archive; `pid` and `since` (ISO 8601) are those of a live one."""

    alive: bool
    pid: int | None = None
    since: str | None = None


def lock_path(archive: Path) -> Path:
    """The lock file of the daemon that serves `archive`."""
    return archive.with_name(archive.name + ".daemon.lock")


@contextmanager
def daemon_lock(archive: Path, started: datetime, *, named: Path | None = None) -> Iterator[None]:
    """Hold the daemon's lock on `archive`; BusyError if another daemon does.

    `named` is what people call that, where each portal has an archive of its own.

    The lock belongs to the process and goes with it, however it ends. The file stays: removing it
    would let a third process lock a new file while a second one still waits for the old.
    """
    path = lock_path(archive)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ArchiveUnusableError(archive, f"cannot be locked: {error.strerror}") from error
    try:
        _acquire(descriptor, named or archive)
        state = {"pid": os.getpid(), "since": started.isoformat(timespec="seconds")}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(state).encode() + b"\n", 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def daemon_state(archive: Path) -> DaemonState:
    """Who serves `archive` at this moment."""
    try:
        descriptor = os.open(lock_path(archive), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return DaemonState(alive=False)
    except OSError as error:
        raise ArchiveUnusableError(archive, f"has an unreadable lock: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return DaemonState(alive=False)
    except BlockingIOError:
        return _written(descriptor)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, archive: Path) -> None:
    deadline = time.monotonic() + _PERSISTENCE_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                pid = _written(descriptor).pid
                who = f" (process {pid})" if pid else ""
                raise BusyError(
                    f"another daemon{who} already serves the archive {archive}"
                ) from None
            time.sleep(_PAUSE_SECONDS)


def _written(descriptor: int) -> DaemonState:
    """What the holder of the lock wrote down; it may be about to."""
    with suppress(ValueError, KeyError, TypeError):
        state = json.loads(os.pread(descriptor, 4096, 0))
        return DaemonState(alive=True, pid=int(state["pid"]), since=str(state["since"]))
    return DaemonState(alive=True)
