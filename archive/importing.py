"""An archive made anew of what `export warc` or `export wacz` wrote (docs/export.md).

The archive is built beside its place and gets its name when everything is there, has the hashes
that the export states, and hangs together; of an export that is damaged nothing remains.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import IO, NamedTuple, Protocol
from zipfile import BadZipFile, ZipFile

import orjson
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive import ledger, transfer
from archive.bodies import encode, keep_encoding
from archive.database import open_for_reading, open_for_writing, transaction, translated_errors
from archive.errors import YangeError
from archive.export.wacz import WARC
from archive.export.warc import END, FORMAT, TABLE
from archive.folders import sync_folder
from archive.imported_readings import WaitingReadings
from archive.schema import SCHEMA_VERSION, migrate

Progress = Callable[[str, int, int], None]

_BODIES = ("response", "resource")
# What a file that was altered or cut off makes of reading it. The last is how warcio fails on a
# record whose headers end too soon.
_UNREADABLE = (ArchiveLoadFailed, BadZipFile, EOFError, ValueError, zlib.error, AttributeError)
_WRONG = (ArchiveLoadFailed, KeyError, TypeError, ValueError, sqlite3.IntegrityError, zlib.error)


class _Headers(Protocol):
    def get_header(self, name: str) -> str | None: ...


class _Record(Protocol):
    """A record as warcio gives it."""

    rec_type: str
    rec_headers: _Headers
    raw_stream: IO[bytes]


class ImportRefusedError(YangeError):
    """An export that no archive can be made of, or a place that has one already."""


class _DamageError(ValueError):
    """Something in an export is not as it was written."""


class Imported(NamedTuple):
    """What an archive that was made of an export holds."""

    documents: int
    versions: int
    bodies: int
    ledger_length: int
    ledger_head: str


def import_archive(
    source: Path, path: Path, progress: Progress, *, portal: str | None = None
) -> Imported:
    """Make the archive at `path` of the export `source`.

    `progress` is told what is being read, how many bytes of it are read, and how many there are.
    With `portal`, an export that holds anything of another portal is refused.
    Raises ImportRefusedError, ArchiveUnusableError.
    """
    _refuse_holdings(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with translated_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
                # Nothing is lost if this file is; it is put on the disk when it is whole.
                connection.execute("PRAGMA synchronous = OFF")
                # As in every new archive: free pages can be given back later.
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                imported = _build(source, connection, progress)
                _refuse_strangers(source, connection, portal)
            open_for_writing(partial).close()
            _put_in_place(partial, path)
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)
    return imported


def _build(source: Path, connection: sqlite3.Connection, progress: Progress) -> Imported:
    """Enter everything into an empty database, in one transaction, and check it."""
    with _opened(source) as (file, size), transaction(connection):
        try:
            records = _told(
                iter(ArchiveIterator(file, check_digests="raise")), file, size, progress
            )
            stated = _read_info(source, next(records, None))
            migrate(connection, int(stated["yange-schema"]))
            counts = _read_records(connection, records)
        except _WRONG as error:
            raise _damaged(source, str(error)) from error
        for problem in _problems(connection, stated, counts):
            raise _damaged(source, problem)
        migrate(connection)
    length, head = ledger.head(connection)
    return Imported(
        transfer.count(connection, "documents WHERE merged_into IS NULL"),
        transfer.count(connection, "versions"),
        transfer.count(connection, "bodies"),
        length,
        head.hex(),
    )


def _refuse_strangers(source: Path, connection: sqlite3.Connection, portal: str | None) -> None:
    rows = connection.execute("SELECT portal FROM runs UNION SELECT portal FROM locations")
    found = sorted(key for (key,) in rows)
    if portal is not None and found not in ([], [portal]):
        raise ImportRefusedError(
            f"{source} holds {', '.join(found)}, and the archive would be that of {portal} alone;"
            " a ledger cannot be divided, so it is imported where portals share an archive, or"
            " under the key that its portal had"
        )


# --- what stands in the file ----------------------------------------------------------------------


@contextmanager
def _opened(source: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The WARC file, inside a WACZ or by itself, and its size."""
    try:
        if _begins_as_zip(source):
            with ZipFile(source) as package:
                if WARC not in package.namelist():
                    raise _foreign(source)
                with package.open(WARC) as file:
                    yield file, package.getinfo(WARC).file_size
        else:
            with source.open("rb") as file:
                yield file, source.stat().st_size
    except BadZipFile as error:
        raise _damaged(source, str(error)) from error
    except OSError as error:
        raise ImportRefusedError(f"{source} cannot be read: {error.strerror}") from error


def _begins_as_zip(source: Path) -> bool:
    """Whether it is a ZIP file: a WARC may well end with one, as the last thing that it holds."""
    with source.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _told(
    records: Iterator[_Record], file: IO[bytes], size: int, progress: Progress
) -> Iterator[_Record]:
    while True:
        try:
            with _warcio_silenced():
                record = next(records, None)
        except _UNREADABLE as error:
            raise _DamageError("what stands there is no WARC record") from error
        if record is None:
            return
        yield record
        progress("export", file.tell(), size)


def _content(record: _Record) -> bytes:
    with _warcio_silenced():
        return record.raw_stream.read()


@contextmanager
def _warcio_silenced() -> Iterator[None]:
    """Without warcio's own words to stderr on what it cannot decompress, a line for each read."""
    with redirect_stderr(StringIO()):
        yield


def _read_info(source: Path, record: _Record | None) -> dict[str, str]:
    """What the first record says of the file. Raises ImportRefusedError."""
    if record is None or record.rec_type != "warcinfo":
        raise _foreign(source)
    text = _content(record).decode(errors="replace")
    pairs = (line.partition(":") for line in text.splitlines())
    stated = {name.strip(): value.strip() for name, _, value in pairs}
    if "yange-export" not in stated:
        raise _foreign(source)
    if stated["yange-content"] != "whole":
        raise ImportRefusedError(
            f"{source} holds documents chosen from an archive, not all of one, so no archive can be"
            " made of it; export without filters"
        )
    if stated["yange-export"] != FORMAT or int(stated["yange-schema"]) > SCHEMA_VERSION:
        raise ImportRefusedError(
            f"{source} was written by a newer yange than this one; upgrade yange to import it"
        )
    return stated


def _read_records(connection: sqlite3.Connection, records: Iterator[_Record]) -> dict[str, int]:
    """Enter rows and bodies; how many rows of each table there should be, by the last record."""
    counts: dict[str, int] = {}
    readings = WaitingReadings(connection)
    for record in records:
        kind, headers = record.rec_type, record.rec_headers
        if kind == "metadata":
            url = headers.get_header("WARC-Target-URI") or ""
            value = orjson.loads(_content(record))
            if url == END:
                counts = value["rows"]
            elif url == f"{TABLE}readings":
                readings.add(value)
            elif url.startswith(TABLE):
                transfer.insert(connection, url.removeprefix(TABLE), value)
        elif kind in _BODIES:
            _enter_body(connection, _content(record))
    readings.enter()
    return counts


def _enter_body(connection: sqlite3.Connection, body: bytes) -> None:
    encoded = encode(body)
    row = connection.execute("SELECT id FROM bodies WHERE sha256 = ?", (encoded.sha256,)).fetchone()
    if row is None:
        raise _DamageError(f"bytes with SHA-256 {encoded.sha256.hex()} belong to nothing")
    held = connection.execute("SELECT 1 FROM encodings WHERE body_id = ?", row).fetchone()
    if held is None:
        keep_encoding(connection, row[0], encoded)


# --- whether it is all there ----------------------------------------------------------------------


def _problems(
    connection: sqlite3.Connection, stated: Mapping[str, str], counts: Mapping[str, int]
) -> Iterator[str]:
    """What keeps the rows and bytes from being the archive that was exported."""
    if not counts:
        yield "it is cut off"
    for table, count in counts.items():
        found = transfer.count(connection, table)
        if found != count:
            yield f"it has {found} rows of {table} instead of {count}"
    row = connection.execute(
        """SELECT lower(hex(sha256)) FROM bodies
           WHERE NOT EXISTS (SELECT 1 FROM encodings WHERE body_id = bodies.id)"""
    ).fetchone()
    if row is not None:
        yield f"the bytes with SHA-256 {row[0]} are missing"
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"a row of {table} refers to a row of {parent} that is missing"
    previous = ledger.NO_HASH
    for entry, stored in ledger.entries(connection):
        if entry.previous != previous or entry.hash() != stored:
            yield f"entry {entry.seq} of the ledger does not have its hash"
        previous = stored
    if previous.hex() != stated["yange-ledger-head"]:
        yield f"its ledger does not end with the hash {stated['yange-ledger-head']}"


def _foreign(source: Path) -> ImportRefusedError:
    return ImportRefusedError(
        f"{source} is no WARC or WACZ file that `yange export` wrote, so it lacks what an archive"
        " is made of besides pages"
    )


def _damaged(source: Path, why: str) -> ImportRefusedError:
    return ImportRefusedError(f"{source} is damaged, and nothing of it was imported: {why}")


# --- where the archive goes -----------------------------------------------------------------------


def _refuse_holdings(path: Path) -> None:
    """Refuse a place with an archive that something was recorded in."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return
    with closing(open_for_reading(path)) as connection, translated_errors(path):
        if transfer.count(connection, "runs"):
            raise ImportRefusedError(
                f"the archive {path} holds something already, and an import makes a new one;"
                " name another place under archive.path"
            )


def _put_in_place(partial: Path, path: Path) -> None:
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    # Somebody may have begun to use the place while this went on.
    _refuse_holdings(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    partial.replace(path)
    sync_folder(path.parent)
