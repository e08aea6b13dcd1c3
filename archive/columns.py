"""Columns: what is still to be fetched of each, and how a visit compares with those before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from archive.capture import ColumnVisit, ListedRow
from archive.column_judgement import PAST_VISITS, Seen, judge
from archive.instants import now_ms
from archive.locations import location_key
from archive.places import Status, find_place


def column_at(connection: sqlite3.Connection, portal: str, url: str) -> int:
    """The id of the column at `url`, entered where it is new, within the caller's transaction."""
    key = location_key(url)
    row = connection.execute(
        "SELECT id FROM columns WHERE portal = ? AND key = ?", (portal, key)
    ).fetchone()
    if row:
        return int(row[0])
    cursor = connection.execute(
        "INSERT INTO columns (portal, key, url) VALUES (?, ?, ?)", (portal, key, url)
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def note_rows(
    connection: sqlite3.Connection,
    portal: str,
    column: str,
    rows: Sequence[ListedRow],
    listed_ms: int | None = None,
) -> list[ListedRow]:
    """Enter a list page's rows in the frontier where they lead to a place not yet known.

    Returns the rows that are not known: those entered now, and those that were waiting. They are
    marked as baseline while the column has not been walked to its end once (R8). They were listed
    at `listed_ms`, or now.
    """
    column_id = column_at(connection, portal, column)
    baseline = (
        connection.execute(
            "SELECT complete_since_run FROM columns WHERE id = ?", (column_id,)
        ).fetchone()[0]
        is None
    )
    unknown = []
    for row in rows:
        place = find_place(connection, portal, row.url)
        if place is not None and place.status != Status.UNKNOWN:
            continue
        unknown.append(row)
        connection.execute(
            "INSERT OR IGNORE INTO frontier VALUES (?, ?, ?, ?, ?, ?)",
            (portal, location_key(row.url), row.url, column_id, baseline, listed_ms or now_ms()),
        )
    return unknown


def note_visit(
    connection: sqlite3.Connection, portal: str, run_id: int, visit: ColumnVisit
) -> str | None:
    """Enter how a column was visited, and judge it against the visits before (R14).

    Returns what is wrong with it in a sentence, or None.
    """
    column_id = column_at(connection, portal, visit.column)
    problem = _judge(connection, column_id, visit)
    connection.execute(
        "INSERT INTO column_visits VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            column_id,
            visit.pages,
            visit.rows,
            visit.first_page_rows,
            visit.new_rows,
            visit.reached_end,
            bool(visit.failed),
        ),
    )
    connection.execute(
        "UPDATE columns SET first_seen_run = coalesce(first_seen_run, ?) WHERE id = ?",
        (run_id, column_id),
    )
    # One that shows nothing has not been seen yet: a page in its place can look like that.
    if visit.reached_end and not visit.failed and visit.rows:
        connection.execute(
            "UPDATE columns SET complete_since_run = coalesce(complete_since_run, ?) WHERE id = ?",
            (run_id, column_id),
        )
    return problem


def _judge(connection: sqlite3.Connection, column_id: int, visit: ColumnVisit) -> str | None:
    if visit.failed:
        return f"the list {visit.column} could not be read to its end: {visit.failed}"
    past = connection.execute(
        """SELECT rows, first_page_rows, reached_end FROM column_visits
           WHERE column_id = ? AND NOT failed AND rows > 0 ORDER BY run_id DESC LIMIT ?""",
        (column_id, PAST_VISITS),
    ).fetchall()
    seen = Seen(visit.rows, visit.first_page_rows, visit.reached_end)
    found = judge(visit.column, seen, [Seen(*one) for one in past])
    return found[1] if found else None
