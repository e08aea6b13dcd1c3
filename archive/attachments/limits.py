"""How much the reading of one file may cost."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take, each limit in the unit of its name.

    `cpu_seconds` is the usual limit, since it means the same on a busy machine; `wall_seconds` is
    for what waits instead of working. A table of a thousand pages takes about a minute of either.
    """

    cpu_seconds: int = 60
    wall_seconds: int = 180
    memory_bytes: int = 1024 * _MIB
    """The address space of the process: its libraries take about 300 MiB of it."""
    file_bytes: int = 128 * _MIB
    """Twice what a crawl keeps of one attachment unless it is told otherwise."""
    unpacked_bytes: int = 512 * _MIB
    """What the parts of a packed file may come to together."""
    text_chars: int = 4_000_000
    """About a thousand pages of Chinese, four times over."""
    members: int = 500
    """Of an archive of files."""
    depth: int = 2
    """Archives in archives."""


LIMITS = Limits()
HURRIED = Limits(cpu_seconds=5, wall_seconds=8)
"""For whoever waits at a page that many can ask for."""
