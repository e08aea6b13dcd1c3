"""The columns that look wrong against their own past, as their last visits saw them (R14).

A visit that stops at the first known entry sees the first page of a list alone. What a visit to the
list's end found wrong therefore stands until the next one of that sort, whatever the short visits
between them saw.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from archive.column_judgement import PAST_VISITS, Oddity, Seen, judge
from archive.questions.source import Source
from archive.subtrees import SWEEPS_UNTIL_VANISHED

# Half-hourly visits between two monthly ones to the end.
_LOOKED_AT = 1500

ABSENT, VANISHED = "absent", "vanished"
"""What can be odd about a column that was found, besides the oddities of a visit."""


class OddColumn(NamedTuple):
    """A column that looks wrong: why, in a word and in a sentence, and the run that found it so.

    `kind` is an `Oddity`, `ABSENT` or `VANISHED`; `under` is the key of the page that the column
    was found from, None for one that the configuration named.
    """

    portal: str
    url: str
    name: str | None
    under: str | None
    kind: str
    problem: str
    run_id: int
    at_ms: int


def odd_columns(source: Source) -> list[OddColumn]:
    """Every column of every portal that looks wrong, the oldest first, watched still or not."""
    with source.asked():
        return _found(source.connection)


def _found(connection: sqlite3.Connection) -> list[OddColumn]:
    found = []
    for column_id, portal, url, name, under, absent_since, missed in connection.execute(
        """SELECT id, portal, url, name, found_under, absent_since_run, sweeps_missed
           FROM columns ORDER BY id"""
    ).fetchall():
        if absent_since is None:
            odd = _by_its_visits(connection, column_id, url)
        elif missed < SWEEPS_UNTIL_VANISHED:
            odd = (ABSENT, f"the column {url}, which was found, is no list now", absent_since)
        else:
            odd = (
                VANISHED,
                f"the column {url}, which was found, has vanished and is not asked for any more",
                absent_since,
            )
        if odd is not None:
            kind, problem, run_id = odd
            at_ms = connection.execute(
                "SELECT coalesce(finished_ms, started_ms) FROM runs WHERE id = ?", (run_id,)
            ).fetchone()[0]
            found.append(OddColumn(portal, url, name, under, kind, problem, run_id, at_ms))
    return found


def _by_its_visits(
    connection: sqlite3.Connection, column_id: int, url: str
) -> tuple[str, str, int] | None:
    """What the last visit, or else the last one to the list's end, found wrong."""
    rows = iter(
        connection.execute(
            """SELECT run_id, failed, rows, first_page_rows, reached_end FROM column_visits
               WHERE column_id = ? ORDER BY run_id DESC LIMIT ?""",
            (column_id, _LOOKED_AT),
        )
    )
    # Each visit that is to be judged, with those before it that it is held against.
    judged: list[tuple[int, Seen, list[Seen]]] = []
    for run_id, failed, *saw in rows:
        seen = Seen(saw[0], saw[1], bool(saw[2]))
        if failed:
            if not judged:
                return Oddity.UNREAD, f"the list {url} could not be read to its end", run_id
            continue
        if seen.rows:
            for _, _, past in judged:
                if len(past) < PAST_VISITS:
                    past.append(seen)
        if not judged or (seen.reached_end and not any(one.reached_end for _, one, _ in judged)):
            judged.append((run_id, seen, []))
        if any(one.reached_end for _, one, _ in judged) and all(
            len(past) == PAST_VISITS for _, _, past in judged
        ):
            break
    for run_id, seen, past in judged:
        odd = judge(url, seen, past)
        if odd is not None:
            return *odd, run_id
    return None
