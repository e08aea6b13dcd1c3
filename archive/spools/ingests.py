"""How far each order's spool has been recorded, within the transactions that record it."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import orjson

from archive.account import Account


class Ingest(NamedTuple):
    """An order's row: the run that its spool is recorded in, and how many of its groups are.

    `spool` is the SHA-256 of the spool. Once all is recorded, nothing of `account` is kept.
    """

    run_id: int
    spool: str
    groups: int
    account: str | None

    @property
    def is_done(self) -> bool:
        """Whether the spool has been recorded to its end."""
        return self.account is None


def find(connection: sqlite3.Connection, order_id: str) -> Ingest | None:
    """The row of an order, or None where nothing of it was recorded."""
    row = connection.execute(
        "SELECT run_id, spool, groups, account FROM ingests WHERE order_id = ?", (order_id,)
    ).fetchone()
    return Ingest(*row) if row else None


def begin(connection: sqlite3.Connection, order_id: str, run_id: int, spool: str) -> Ingest:
    """Enter that a spool is being recorded in that run."""
    ingest = Ingest(run_id, spool, 0, _text(Account()))
    connection.execute("INSERT INTO ingests VALUES (?, ?, ?, ?, ?)", (order_id, *ingest))
    return ingest


def advance(connection: sqlite3.Connection, order_id: str, groups: int, account: Account) -> None:
    """Enter that so many groups are recorded, and what the run has to tell by then."""
    connection.execute(
        "UPDATE ingests SET groups = ?, account = ? WHERE order_id = ?",
        (groups, _text(account), order_id),
    )


def close(connection: sqlite3.Connection, order_id: str, groups: int) -> None:
    """Enter that all of them are."""
    connection.execute(
        "UPDATE ingests SET groups = ?, account = NULL WHERE order_id = ?", (groups, order_id)
    )


def account_of(ingest: Ingest) -> Account:
    """What the run of a spool that is half recorded has to tell so far."""
    assert ingest.account is not None
    return Account.from_json(orjson.loads(ingest.account))


def _text(account: Account) -> str:
    return orjson.dumps(account.as_json()).decode()
