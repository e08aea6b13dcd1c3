"""Opening the archive's file, and the one way of writing to it."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.errors import ArchiveUnusableError, BusyError, NoArchiveError, TookTooLongError
from archive.folders import sync_folder
from archive.schema import APPLICATION_ID, SCHEMA_VERSION, migrate

# Our transactions take milliseconds; only another program's write holds the file for longer.
BUSY_SECONDS = 60.0
"""How long another program's transaction is waited for, where nothing else is configured."""
# Between two looks at the clock: some 0.1 ms of the database's work.
_INSTRUCTIONS = 5000


def open_for_writing(path: Path, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open the archive at `path`, making or migrating it where needed.

    WAL with full synchronisation: a committed transaction survives `kill -9` and power loss (R18).
    Raises ArchiveUnusableError, BusyError.
    """
    _refuse_folder(path)
    with translated_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return _connect_for_writing(path, busy_seconds)


def _make(path: Path) -> None:
    """Make an archive at `path` that appears whole.

    To those who read meanwhile, one that is half made would look like one that a disk has lost.
    """
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        made = Path(folder, path.name)
        _connect_for_writing(made, BUSY_SECONDS).close()
        # A link takes no name that another process, which began at the same time, has taken. Where
        # there are no links, the archive is made in its place.
        with suppress(OSError):
            path.hardlink_to(made)
            sync_folder(path.parent)


def _connect_for_writing(path: Path, busy_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    try:
        _refuse_foreign_file(connection, path)
        is_current = _is_current(connection, path)
        # Only a file that is still empty heeds this: free pages can be given back later.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # So that a row that is replaced counts as deleted, and the triggers against it fire.
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        if not is_current:
            # Inside one immediate transaction, so that two processes that start at once do not
            # both migrate: the second one finds the work done.
            with transaction(connection):
                migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open the archive at `path` so that nothing can be written through the connection.

    Raises NoArchiveError, ArchiveUnusableError.
    """
    if not path.exists():
        raise NoArchiveError(path)
    _refuse_folder(path)
    if not path.stat().st_size:
        # What is made appears whole, so this is what a disk leaves of an archive that it lost.
        raise ArchiveUnusableError(
            path, "is empty; if it held anything restore it from a backup, else crawl again"
        )
    with translated_errors(path):
        connection = _connect_for_reading(path)
        try:
            connection.execute("PRAGMA query_only = ON")
            _refuse_foreign_file(connection, path)
            if not _is_current(connection, path):
                connection.close()
                # An older schema, or none yet: a writer migrates it.
                open_for_writing(path).close()
                return open_for_reading(path)
        except BaseException:
            connection.close()
            raise
        return connection


def _connect_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that reads, also where not even SQLite's `-shm` can be made beside the file.

    In a folder or on a medium that is read-only, a file without a log holds all there is: SQLite is
    told that it does not change.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError as error:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        cannot_make_files = ("SQLITE_READONLY", "SQLITE_CANTOPEN")
        if not error.sqlite_errorname.startswith(cannot_make_files) or log.exists():
            raise
        return sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)
    except BaseException:
        connection.close()
        raise
    return connection


def file_identity(path: Path) -> tuple[int, int] | None:
    """What tells one file from another that takes its name; None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction, begun IMMEDIATE; within one that is under way, a part of that.

    A deferred one that reads and then writes can fail at once with SQLITE_BUSY_SNAPSHOT whatever
    the busy time-out; an immediate one waits for its turn before it reads.
    """
    under_way = connection.in_transaction
    if under_way:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # An error can already have ended the transaction; a second rollback would hide it.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def given_up_after(
    connection: sqlite3.Connection, seconds: float, or_when: Callable[[], bool]
) -> Iterator[None]:
    """Interrupt whatever the connection is asked once so many seconds have passed, `or_when`."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end or or_when(), _INSTRUCTIONS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as the sentences a person can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        name = getattr(error, "sqlite_errorname", "") or ""
        if name == "SQLITE_INTERRUPT":
            raise TookTooLongError from error
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise BusyError(
                f"the archive {path} is held by another program; try again when it is done"
            ) from error
        raise ArchiveUnusableError(path, _reason(name, error)) from error
    except OSError as error:
        raise ArchiveUnusableError(path, f"cannot be used: {error.strerror}") from error


# What SQLite says of the tables of words; they can be made again from all the rest.
_OF_INDEX = re.compile(r"\bsearch_(?:titles|terms|state|files|holders)|\bfts5\b")


def _reason(name: str, error: sqlite3.DatabaseError) -> str:
    if _OF_INDEX.search(str(error)):
        return f"has a damaged index of words ({error}); `yange reindex` makes it anew"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return (
            f"is damaged or is not an archive ({error}); restore it from a backup, and see with"
            " `yange verify` whether that is whole"
        )
    if name.startswith("SQLITE_FULL"):
        return "cannot grow: the disk is full; nothing recorded is lost, give it space"
    if name.startswith("SQLITE_READONLY"):
        return "cannot be written: it, or its folder, is read-only"
    if name.startswith("SQLITE_CANTOPEN"):
        return "cannot be opened; look at the path and its permissions"
    if name.startswith("SQLITE_IOERR"):
        return (
            f"cannot be read or written ({error}); nothing recorded is lost, look at its disk, and"
            " see with `yange verify` what it holds"
        )
    return f"cannot be used: {error}"


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise ArchiveUnusableError(path, "is a folder; name a file in it")


def _refuse_foreign_file(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    objects = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if objects and application != APPLICATION_ID:
        raise ArchiveUnusableError(path, "is a database of another program; name another file")


def _is_current(connection: sqlite3.Connection, path: Path) -> bool:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise ArchiveUnusableError(
            path, "was written by a newer yange than this one; upgrade yange to use it"
        )
    return bool(version == SCHEMA_VERSION)
