"""Following the log: what is written from now on, whoever rotates the file meanwhile."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from scheduler.log_folder import LogPart, opened
from scheduler.log_reader import Event, LogFilter, last_of, parse

_PAUSE_SECONDS = 0.25


def follow(path: Path, chosen: LogFilter, limit: int) -> Iterator[Event]:
    """The newest `limit` events of the log at `path` that are wanted, and then each new one.

    Without end, and without a gap or an event twice where the file is rotated. A log that is not
    there yet is waited for. Raises OSError where a file cannot be read.
    """
    with opened(path) as parts:
        earlier = [event for _, event in last_of(parts, chosen, limit)] if limit else []
        # It stays open: the others are closed.
        current = parts.pop(0) if parts and parts[0].number == 0 else None
        if current is not None and not limit:
            current.stream.seek(0, os.SEEK_END)
    yield from earlier
    yield from filter(chosen.takes, parse(_lines(path, current)))


def _lines(path: Path, current: LogPart | None) -> Iterator[bytes]:
    """The lines that come after where `current` has been read to."""
    coming: deque[LogPart] = deque()
    begun = b""
    while True:
        if current is not None:
            while piece := current.stream.readline():
                begun += piece
                if begun.endswith(b"\n"):
                    yield begun.rstrip(b"\r\n")
                    begun = b""
        if coming:
            if current is not None:
                current.stream.close()
            if begun:
                yield begun
            current, begun = coming.popleft(), b""
        elif _is_another(path, current):
            # What was written to it until it was renamed is read before the others.
            coming.extend(_after(path, current))
        else:
            time.sleep(_PAUSE_SECONDS)


def _is_another(path: Path, current: LogPart | None) -> bool:
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    return current is None or (status.st_dev, status.st_ino) != current.identity


def _after(path: Path, current: LogPart | None) -> list[LogPart]:
    """The parts that were begun after `current`, the oldest first, opened."""
    with opened(path) as parts:
        known = [part.identity for part in parts]
        # Where it is compressed by now, what was begun right after it may be so as well.
        place = known.index(current.identity) if current and current.identity in known else 1
        newer = parts[:place]
        del parts[:place]
    return newer[::-1]
