"""Whether an archive that was damaged or altered explains why a command failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archive.chains import ledger_problems, seal_problems
from archive.database import open_for_reading
from archive.derived import derived_problems
from archive.errors import ArchiveUnusableError, YangeError
from archive.layout import layout_problems


def damage(path: Path) -> ArchiveUnusableError | None:
    """What is first found amiss in the archive at `path`, as an error that says so; else None.

    It looks at rows and not at bytes, which whoever reads them hashes anyway.
    """
    try:
        with closing(open_for_reading(path)) as connection:
            problem = next(_problems(connection), None)
    except (YangeError, sqlite3.DatabaseError):
        return None
    if problem is None:
        return None
    return ArchiveUnusableError(
        path, f"is damaged, or was altered ({problem}); `yange verify` names all that is"
    )


def _problems(connection: sqlite3.Connection) -> Iterator[str]:
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"a row of {table} refers to a row of {parent} that is missing"
    yield from layout_problems(connection)
    yield from ledger_problems(connection)
    yield from seal_problems(connection, 0, lambda *_: None)
    yield from derived_problems(connection)
