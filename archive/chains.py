"""Whether the ledger's chain and that of the seals hold, and what they commit to (R17)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress

from archive import ledger
from archive.canonical import digest
from archive.merkle import Tree
from archive.seals import COVERED, NO_HASH, Seal, as_sealed, part_of, seals


def ledger_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Walk the ledger from its beginning, and name each entry that is not as it was recorded.

    Where a run was sealed, the ledger must have had the length, head and root that its seal says.
    """
    previous, expected = ledger.NO_HASH, 1
    tree = Tree()
    sealed = seals(connection)
    seal = next(sealed, None)
    while seal is not None and seal.ledger_length == 0:
        yield from _ledger_then(seal, previous, tree)
        seal = next(sealed, None)
    for entry, stored in ledger.entries(connection):
        if entry.seq != expected:
            yield f"ledger: entry {expected} is missing"
        if entry.previous != previous:
            yield f"ledger: entry {entry.seq} is not chained to the one before it"
        if entry.hash() != stored:
            yield f"ledger: entry {entry.seq} does not have its hash"
        if entry.version_digest is not None and not _has_version(connection, entry):
            yield f"ledger: entry {entry.seq} speaks of a version that is missing"
        previous, expected = stored, entry.seq + 1
        tree.append(stored)
        while seal is not None and seal.ledger_length <= entry.seq:
            yield from _ledger_then(seal, previous, tree)
            seal = next(sealed, None)
    if seal is not None:
        yield (
            f"ledger: there were {seal.ledger_length} entries when run {seal.run_id} ended,"
            f" there are {expected - 1}"
        )


def _ledger_then(seal: Seal, head: bytes, tree: Tree) -> Iterator[str]:
    if (seal.ledger_length, seal.ledger_head, seal.ledger_root) != (tree.size, head, tree.root()):
        yield f"ledger: it does not have the head that it had when run {seal.run_id} ended"


def _has_version(connection: sqlite3.Connection, entry: ledger.Entry) -> bool:
    row = connection.execute(
        "SELECT 1 FROM versions WHERE document_id = ? AND number = ?",
        (entry.document_id, entry.version),
    ).fetchone()
    return row is not None


def seal_problems(
    connection: sqlite3.Connection, after: int, progress: Callable[[str, int, int], None]
) -> Iterator[str]:
    """Walk the seals, and name what is not as it was sealed.

    The chain is walked from its beginning; the rows that seals cover are hashed again from the
    seal after number `after` on.
    """
    total = connection.execute("SELECT count(*) FROM seals").fetchone()[0]
    before: Seal | None = None
    for expected, seal in enumerate(seals(connection), start=1):
        if before is None or seal.id != before.id + 1:
            missing = 1 if before is None else before.id + 1
            if seal.id != missing:
                yield f"seals: seal {missing} is missing"
        if seal.previous != (before.hash if before else NO_HASH):
            yield f"seals: seal {seal.id} is not chained to the one before it"
        try:
            yield from _seal_problems(connection, seal, before, is_whole=seal.id > after)
        except (ValueError, TypeError, AttributeError) as error:
            yield f"seals: seal {seal.id} cannot be read: {error}"
        before = seal
        progress("runs", expected, total)
    for (run_id,) in connection.execute(
        """SELECT id FROM runs WHERE finished_ms IS NOT NULL
           AND id > (SELECT min(run_id) FROM seals) AND id NOT IN (SELECT run_id FROM seals)"""
    ):
        yield f"run {run_id}: it has ended, but its seal is missing"
    if before is not None:
        # A seal that cannot be read has been named.
        with suppress(ValueError, TypeError, AttributeError):
            yield from _added_to_sealed_runs(connection, before)
    for (run_id,) in connection.execute(_UNSEALED) if before is None else ():
        yield f"seals: run {run_id} has ended, but there are none"


# Archives from before there were seals get their first one with their next run.
_UNSEALED = """SELECT max(id) FROM runs WHERE finished_ms >= (
    SELECT (julianday(applied_at) - 2440587.5) * 86400000 FROM _sqlite_migrations
    WHERE name = 'seals_of_runs'
) HAVING max(id)"""
# What a run records, by the table: whose the row is.
_OF_RUNS = {
    "captures": "SELECT id, run_id FROM captures WHERE id > :last",
    "acceptances": "SELECT capture_id, run_id FROM acceptances WHERE capture_id > :last",
    "states": """SELECT states.id, run_id FROM states
        JOIN captures ON captures.id = capture_id WHERE states.id > :last""",
    "versions": "SELECT id, run_id FROM versions WHERE id > :last",
    "completions": "SELECT id, run_id FROM completions WHERE id > :last",
}


def _added_to_sealed_runs(connection: sqlite3.Connection, last: Seal) -> Iterator[str]:
    """Name rows that no seal covers although their run has one: they were added after it ended."""
    for table, rows in _OF_RUNS.items():
        for row_id, run_id in connection.execute(
            f"SELECT * FROM ({rows}) WHERE run_id IN (SELECT run_id FROM seals)",
            {"last": last.part(table).last},
        ):
            yield f"run {run_id}: row {row_id} of {table} was added after it was sealed"


def _seal_problems(
    connection: sqlite3.Connection, seal: Seal, before: Seal | None, *, is_whole: bool
) -> Iterator[str]:
    if digest(as_sealed(connection, seal)) != seal.hash:
        yield f"run {seal.run_id}: its figures, or its seal, are not as they were sealed"
    if not is_whole:
        return
    for table in COVERED:
        last = before.part(table).last if before else 0
        if part_of(connection, table, last, seal.part(table).last) != seal.part(table):
            yield f"run {seal.run_id}: its rows in {table} are not as they were sealed"
