"""A copy of the archive, made while crawls go on, and checked before it gets its name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from archive import ledger
from archive.database import open_for_reading, translated_errors
from archive.errors import YangeError
from archive.export.target import new_file, refuse_archive
from archive.seals import last_seal

# Between two steps of so many pages (4 KiB each) the copy can say how far it has come.
_STEP = 4096


class Backup(NamedTuple):
    """A copy that was made: its size, and how its ledger ends."""

    path: Path
    bytes: int
    ledger_length: int
    ledger_head: str
    seal: str | None


class DamagedBackupError(YangeError):
    """What was copied is not sound, so the copy was not kept."""


def backup(
    archive: Path, target: Path, *, force: bool, progress: Callable[[int, int], None]
) -> Backup:
    """Copy the archive to `target`, which appears whole and checked, or not at all.

    The copy is of one moment, whatever is written meanwhile. `progress` is told how many pages
    are copied, and of how many. `force` lets an older file be replaced.

    Raises NoArchiveError, ArchiveUnusableError, TargetExistsError, TargetUnusableError, and
    DamagedBackupError where the database's own check, or the ledger's end, does not hold.
    """
    refuse_archive(target, archive)
    with closing(open_for_reading(archive)) as source, new_file(target, force=force) as file:
        with translated_errors(archive):
            # One read transaction around the whole copy: else each write would start it anew.
            source.execute("BEGIN")
            expected = ledger.head(source)
        with translated_errors(target), closing(sqlite3.connect(file.name)) as copy:
            source.backup(
                copy, pages=_STEP, progress=lambda _, left, total: progress(total - left, total)
            )
            # One file, without a log beside it, until it is used as an archive.
            copy.execute("PRAGMA journal_mode = DELETE")
            _check(copy, expected)
            seal = last_seal(copy)
        size = Path(file.name).stat().st_size
    length, head = expected
    return Backup(target, size, length, head.hex(), seal.hash.hex() if seal else None)


def _check(copy: sqlite3.Connection, expected: tuple[int, bytes]) -> None:
    faults = [str(said) for (said,) in copy.execute("PRAGMA integrity_check(3)") if said != "ok"]
    if ledger.head(copy) != expected:
        faults.append("its ledger does not end as the archive's does")
    if faults:
        raise DamagedBackupError(
            f"the copy is not sound and was not kept ({'; '.join(faults)}); `yange verify` names"
            " what is damaged in the archive"
        )
