"""Reading the log: its events by run, level, portal and time, from all of its files.

Most lines are ours. What else stands there (half a line after a full disk, what another program
wrote) is passed on as it is, told apart, and never a reason to stop. Pure but for the files: no
clock is read here.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson

from scheduler.log_folder import LogPart, opened

LEVELS = ("debug", "info", "warning", "error", "critical")
"""From the least grave to the gravest."""

# A traceback is a few thousand characters. What is longer is no line of ours.
_LONGEST_LINE = 1 << 20
# A line can be written a little after its time, and after one of a later time.
_SLACK_MS = 60_000
_FAR_FUTURE_MS = 250_000_000_000_000  # beyond which calendars end


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the log.

    `at_ms` is its time or, where it states none, that of the line before; None where neither does.
    `data` is what it says, or None where it is no JSON object. `number` counts the lines before it
    in its file.
    """

    at_ms: int | None
    line: bytes
    data: dict[str, Any] | None
    number: int

    def as_json(self) -> dict[str, Any]:
        """The line itself; one that is no JSON object as `{"unreadable": text}`."""
        return {"unreadable": self.text} if self.data is None else self.data

    @property
    def text(self) -> str:
        """The line as it stands in the file."""
        return self.line.decode(errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which events are wanted: all that meet every condition that is not None.

    `level` is the least grave, one of `LEVELS`; the times are in ms and both included.
    """

    run: int | None = None
    level: str | None = None
    portal: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    def takes(self, event: Event) -> bool:
        """Whether an event is wanted."""
        at = event.at_ms
        if self.since_ms is not None and (at is None or at < self.since_ms):
            return False
        if self.until_ms is not None and (at is None or at > self.until_ms):
            return False
        said = event.data or {}
        if self.run is not None and said.get("run_id") != self.run:
            return False
        if self.portal is not None and not _is_of(said, self.portal):
            return False
        return self.level is None or _grave(said.get("level")) >= LEVELS.index(self.level)


class Page(NamedTuple):
    """Some events, the newest first, and where the next page begins; None where there is none."""

    events: list[Event]
    next: str | None


def events(path: Path, chosen: LogFilter) -> Iterator[Event]:
    """The events of the log at `path` that are wanted, the oldest first, as they are asked for.

    Raises OSError where a file cannot be read.
    """
    with opened(path) as parts:
        for part in reversed(parts):
            yield from _chosen(part, chosen)


def newest(path: Path, chosen: LogFilter, limit: int) -> list[Event]:
    """The newest `limit` events that are wanted, the oldest of them first.

    No more than these are held in memory. Raises OSError.
    """
    with opened(path) as parts:
        return [event for _, event in last_of(parts, chosen, limit)]


def page(path: Path, chosen: LogFilter, limit: int, before: str | None = None) -> Page:
    """`limit` events that are wanted, the newest first; `before` is the `next` of a former page.

    A page follows on the one before whatever has been written, rotated and compressed between
    them; it is empty where that part of the log is no longer kept. Raises ValueError for a `before`
    that is none, OSError.
    """
    end = None
    with opened(path) as parts:
        if before is not None:
            key, end = _place(before)
            keys = [_key(part) for part in parts]
            parts = parts[keys.index(key) :] if key in keys else []
        found = last_of(parts, chosen, limit + 1, end)[::-1]
    shown = found[:limit]
    following = None
    if len(found) > limit:
        part, event = shown[-1]
        following = f"{part}-{event.number}"
    return Page([event for _, event in shown], following)


def read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a file without their ends, the last one even if it has none.

    Of a line that is longer than any of ours the beginning.
    """
    while line := stream.readline(_LONGEST_LINE):
        if not line.endswith(b"\n"):
            while (rest := stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        yield line.rstrip(b"\r\n")


def parse(lines: Iterable[bytes]) -> Iterator[Event]:
    """What these lines say, in their order; empty ones say nothing."""
    last: int | None = None
    for number, line in enumerate(lines):
        if not line.strip(b" \t\0"):
            continue
        data = _object(line)
        last = _time(data) or last
        yield Event(last, line, data, number)


def last_of(
    parts: list[LogPart], chosen: LogFilter, limit: int, end: int | None = None
) -> list[tuple[str, Event]]:
    """The last `limit` events, the oldest first, each with the key of its part.

    Of the first part, which is the newest, only the lines before number `end`.
    """
    found: list[tuple[str, Event]] = []
    for part in parts:
        key = _key(part)
        kept = deque(_chosen(part, chosen, end), maxlen=limit - len(found))
        found = [*((key, event) for event in kept), *found]
        end = None
        if len(found) == limit:
            break
    return found


def _chosen(part: LogPart, chosen: LogFilter, end: int | None = None) -> Iterator[Event]:
    if chosen.since_ms is not None and part.modified * 1000 < chosen.since_ms - _SLACK_MS:
        return
    lines = read_lines(part.stream)
    try:
        yield from filter(chosen.takes, parse(lines if end is None else islice(lines, end)))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        # Compressed and damaged: what came before has been told, and so is that there was more.
        said = f"the rest of {part.stream.name} cannot be read: {error}".encode()
        damage = Event(None, said, None, _LONGEST_LINE)
        if chosen.takes(damage):
            yield damage


def _key(part: LogPart) -> str:
    """What names a part by its first line, which renaming and compressing do not change."""
    try:
        first = part.stream.readline(_LONGEST_LINE)
        part.stream.seek(0)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return "damaged"
    return hashlib.sha256(first).hexdigest()[:16]


def _place(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"([0-9a-z]{7,16})-([0-9]{1,12})", text)
    if match is None:
        raise ValueError(f"{text!r} is no place in the log")
    return match[1], int(match[2])


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        data = orjson.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _time(data: dict[str, Any] | None) -> int | None:
    said = data.get("timestamp") if data else None
    if not isinstance(said, str):
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    ms = round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    return ms if 0 < ms < _FAR_FUTURE_MS else None


def _is_of(said: dict[str, Any], portal: str) -> bool:
    return said.get("portal") == portal or str(said.get("job")).startswith(f"{portal}/")


def _grave(level: object) -> int:
    """How grave a level is; one that is none of ours counts as the least."""
    return LEVELS.index(level) if isinstance(level, str) and level in LEVELS else -1
