"""Seals: at a run's end, one hash that commits to everything that was recorded up to then (R17).

The ledger commits to versions. What else is recorded (captures, states, readings, bytes that
arrive late) is committed to here: by table, a SHA-256 of the rows that were added since the seal
before. A seal also holds the run's own row, the ledger's head, and the root of a Merkle tree over
the ledger, so that a receipt for any version is short. Seals are chained to one another.

`docs/schema.md` describes each hash well enough to recompute it without this module.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from archive import ledger
from archive.canonical import canonical_json, digest
from archive.errors import YangeError
from archive.merkle import Tree
from archive.readings import content_sha256

NO_HASH = bytes(32)
"""What the first seal is chained to."""

_LARGEST = 2**63 - 1  # of SQLite's integers

# What a seal covers, by table: the members of the object that stands for a row, in SQL. References
# are resolved to what they mean, so that a row cannot be made to mean something else unnoticed.
_ROWS = {
    "bodies": "SELECT id, lower(hex(sha256)) AS sha256, bytes FROM bodies",
    "dictionaries": """SELECT id, portal, host, pages, lower(hex(sha256)) AS sha256, bytes
        FROM dictionaries""",
    "captures": """SELECT captures.id, run_id AS run, url, at_ms, captures.status, outcome, reason,
            iif(bodies.id IS NULL, NULL, lower(hex(bodies.sha256))) AS body_sha256, headers
        FROM captures JOIN locations ON locations.id = location_id
        LEFT JOIN bodies ON bodies.id = body_id""",
    "acceptances": """SELECT capture_id AS id, accepted_capture_id AS accepts, run_id AS run, at_ms
        FROM acceptances""",
    "readers": "SELECT id, name, settings FROM readers",
    "readings": """SELECT readings.id, url, content_type, name AS reader,
            lower(hex(bodies.sha256)) AS body_sha256
        FROM readings JOIN locations ON locations.id = location_id
        JOIN readers ON readers.id = reader_id JOIN bodies ON bodies.id = body_id""",
    "states": """SELECT states.id, url, capture_id AS capture, content_type, attachments,
            lower(hex(bodies.sha256)) AS body_sha256
        FROM states JOIN locations ON locations.id = location_id
        JOIN bodies ON bodies.id = body_id""",
    "versions": """SELECT id, document_id AS document, number AS version, run_id AS run,
            capture_id AS capture, reading_id AS reading, attachments,
            lower(hex(digest)) AS digest
        FROM versions""",
    "completions": """SELECT completions.id, document_id AS document, number AS version, url,
            media_type, completions.run_id AS run, completions.at_ms,
            lower(hex(bodies.sha256)) AS body_sha256
        FROM completions JOIN versions ON versions.id = version_id
        JOIN bodies ON bodies.id = body_id""",
}
# Rows are counted by their id, which for an acceptance is its capture's.
_KEYS = {table: f"{table}.id" for table in _ROWS} | {"acceptances": "capture_id"}
COVERED = tuple(_ROWS)
"""The tables that a seal covers."""


class Part(NamedTuple):
    """What a seal says of one table: its last row then, and the hash of those not sealed before.

    `sha256` is None where there were none.
    """

    last: int
    sha256: str | None


class Seal(NamedTuple):
    """A row of `seals`; `records` is JSON, an object of the tables with a `Part` each."""

    id: int
    run_id: int
    ledger_length: int
    ledger_head: bytes
    ledger_root: bytes
    records: str
    previous: bytes
    hash: bytes

    def part(self, table: str) -> Part:
        """What it says of a table; of one that it does not know, that there was nothing."""
        return Part(*orjson.loads(self.records).get(table, (0, None)))


_COLUMNS = "id, run_id, ledger_length, ledger_head, ledger_root, records, previous, hash"


def last_seal(connection: sqlite3.Connection) -> Seal | None:
    """The newest seal, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM seals ORDER BY id DESC LIMIT 1").fetchone()
    return Seal(*row) if row else None


def seal_of(connection: sqlite3.Connection, run_id: int) -> Seal | None:
    """The seal of a run, or None while it goes on."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM seals WHERE run_id = ?", (run_id,)).fetchone()
    return Seal(*row) if row else None


def seals(connection: sqlite3.Connection) -> Iterator[Seal]:
    """Every seal, the oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM seals ORDER BY id")
    return (Seal(*row) for row in rows)


def seal_before(connection: sqlite3.Connection, at_ms: int) -> Seal | None:
    """The last seal before which nothing was recorded at `at_ms` or later; None: from the start.

    Clocks can go back: the first run that ended at `at_ms` or later decides, whatever came after.
    """
    row = connection.execute(
        f"""SELECT {_COLUMNS} FROM seals WHERE id < coalesce(
                (SELECT min(seals.id) FROM seals JOIN runs ON runs.id = run_id
                 WHERE finished_ms >= ?), ?) ORDER BY id DESC LIMIT 1""",
        (at_ms, _LARGEST),
    ).fetchone()
    return Seal(*row) if row else None


def seal_run(connection: sqlite3.Connection, run_id: int) -> Seal:
    """Seal a run that has ended, within the transaction that says so; its seal."""
    before = last_seal(connection)
    length, head = ledger.head(connection)
    if before is not None and before.ledger_length == length:
        root = before.ledger_root
    else:
        tree = Tree()
        for leaf in ledger.hashes(connection, length):
            tree.append(leaf)
        root = tree.root()
    records = {
        table: [*part_of(connection, table, before.part(table).last if before else 0)]
        for table in COVERED
    }
    number, previous = (before.id + 1, before.hash) if before else (1, NO_HASH)
    text = canonical_json(records).decode()
    open_seal = Seal(number, run_id, length, head, root, text, previous, b"")
    seal = open_seal._replace(hash=digest(as_sealed(connection, open_seal)))
    connection.execute(f"INSERT INTO seals ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", seal)
    return seal


def as_sealed(connection: sqlite3.Connection, seal: Seal) -> dict[str, object]:
    """The object whose canonical JSON a seal's hash is of."""
    cursor = connection.execute(
        """SELECT id, portal, mode, job, slot, started_ms, finished_ms, outcome, stopped,
                  requests, bytes, figures, problems
           FROM runs WHERE id = ?""",
        (seal.run_id,),
    )
    row = cursor.fetchone()
    return {
        "seal": seal.id,
        "run": dict(zip(_names(cursor), row, strict=True)) if row else None,
        "ledger_length": seal.ledger_length,
        "ledger_head": seal.ledger_head.hex(),
        "ledger_root": seal.ledger_root.hex(),
        "records": orjson.loads(seal.records),
        "previous": seal.previous.hex(),
    }


def part_of(
    connection: sqlite3.Connection, table: str, after: int, last: int | None = None
) -> Part:
    """The hash of a table's rows above id `after`, up to `last` (default: to the end).

    The canonical JSON of each row's object, in the order of ids, each followed by a line feed.
    """
    key = _KEYS[table]
    running = hashlib.sha256()
    reached = after
    cursor = connection.execute(
        f"{_ROWS[table]} WHERE {key} > ? AND {key} <= ? ORDER BY {key}",
        (after, _LARGEST if last is None else last),
    )
    names = _names(cursor)
    for row in cursor:
        record = dict(zip(names, row, strict=True))
        reached = record["id"]
        if table == "readings":
            record["reading_sha256"] = _reading_sha256(connection, reached)
        running.update(canonical_json(record) + b"\n")
    return Part(reached, running.hexdigest() if reached != after else None)


def _reading_sha256(connection: sqlite3.Connection, reading_id: int) -> str | None:
    try:
        return content_sha256(connection, reading_id).hex()
    except YangeError:
        # Named by itself where it is checked; here it must not keep a run from ending.
        return None


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in cursor.description]
