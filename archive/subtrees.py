"""Columns that were found rather than configured: below which page, and whether they still stand.

A found column that answers no more is *absent* at once and *vanished* when it has been so in
`SWEEPS_UNTIL_VANISHED` sweeps in a row. One that a later search meets again stands again.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from archive.locations import location_key

SWEEPS_UNTIL_VANISHED = 2


class KnownColumn(NamedTuple):
    """A column as the archive knows it.

    `under` is the key of the page that it was found from; None for one that the configuration
    named. `name` is what it was called when it was found.
    """

    url: str
    name: str | None
    under: str | None
    absent: bool
    vanished: bool


def known_columns(connection: sqlite3.Connection, portal: str) -> list[KnownColumn]:
    """Every column of `portal` that was ever walked or found, the oldest first."""
    rows = connection.execute(
        """SELECT url, name, found_under, absent_since_run IS NOT NULL, sweeps_missed
           FROM columns WHERE portal = ? ORDER BY id""",
        (portal,),
    ).fetchall()
    return [
        KnownColumn(url, name, under, bool(absent), missed >= SWEEPS_UNTIL_VANISHED)
        for url, name, under, absent, missed in rows
    ]


def note_found(
    connection: sqlite3.Connection, portal: str, run_id: int, url: str, name: str, under: str
) -> None:
    """Enter that a column stands at `url`, found from the page with the key `under`."""
    connection.execute(
        """INSERT INTO columns (portal, key, url, name, found_under, first_seen_run)
           VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (portal, key) DO UPDATE SET
               name = excluded.name, found_under = excluded.found_under,
               absent_since_run = NULL, sweeps_missed = 0""",
        (portal, location_key(url), url, name, under, run_id),
    )


def note_present(connection: sqlite3.Connection, portal: str, url: str) -> None:
    """Enter that a column which was absent answers again."""
    connection.execute(
        """UPDATE columns SET absent_since_run = NULL, sweeps_missed = 0
           WHERE portal = ? AND key = ?""",
        (portal, location_key(url)),
    )


def note_absent(
    connection: sqlite3.Connection, portal: str, run_id: int, url: str, *, in_sweep: bool
) -> KnownColumn:
    """Enter that a found column did not answer as one; the column as it now stands."""
    connection.execute(
        """UPDATE columns SET absent_since_run = coalesce(absent_since_run, ?),
           sweeps_missed = sweeps_missed + ? WHERE portal = ? AND key = ?""",
        (run_id, in_sweep, portal, location_key(url)),
    )
    return next(one for one in known_columns(connection, portal) if one.url == url)


def is_walked(connection: sqlite3.Connection, portal: str, key: str) -> bool:
    """Whether the part of the portal below the page with this key was once searched."""
    row = connection.execute(
        "SELECT 1 FROM subtrees WHERE portal = ? AND key = ?", (portal, key)
    ).fetchone()
    return row is not None


def note_walked(connection: sqlite3.Connection, portal: str, run_id: int, key: str) -> None:
    """Enter that it was, by this run."""
    connection.execute("INSERT OR REPLACE INTO subtrees VALUES (?, ?, ?)", (portal, key, run_id))
