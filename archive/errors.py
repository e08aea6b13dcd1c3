"""What can go wrong through no fault of the program: one base class, one sentence each.

The sentence says what is wrong and, where there is something to do, what to do next. The command
line prints it and leaves with `exit_status`; no caller needs to parse it, since the facts are
attributes of the error.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The numbers of the errors of an operating system that has no more room for a file."""


class YangeError(Exception):
    """Base of every error that a person is told about in one sentence."""

    exit_status = 1


class ConfigurationError(YangeError):
    """The configuration, or an argument, asks for something that cannot be."""

    exit_status = 2


class ArchiveUnusableError(YangeError):
    """The archive's file cannot be opened, read or written as an archive."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the archive {path} {why}")
        self.path = path


class NoArchiveError(ArchiveUnusableError):
    """There is no archive yet where a command wants to read one."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "does not exist yet; `yange crawl` makes it")


class NotFoundError(YangeError):
    """Nothing in the archive goes by that name."""


class AmbiguousError(YangeError):
    """A number or an address that names several documents; `candidates` are their addresses."""

    def __init__(
        self,
        index: str,
        candidates: Sequence[tuple[str, str]],
        *,
        in_several_archives: bool = False,
    ) -> None:
        lines = "".join(f"\n  {url}  {title}" for url, title in candidates)
        how = "its address" + (", or its portal with --portal" if in_several_archives else "")
        super().__init__(f"{index} names {len(candidates)} documents; name one by {how}:{lines}")
        self.candidates = tuple(candidates)


class BusyError(YangeError):
    """Somebody else holds what is needed: another crawl, another daemon, a long write."""


class CrawledAlreadyError(BusyError):
    """The portal is being crawled by somebody else."""


class TookTooLongError(YangeError):
    """A question that was given up, since its answer took longer than it was allowed to."""

    def __init__(self) -> None:
        super().__init__("that takes too long to find out; ask for less at once")
