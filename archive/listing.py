"""A document as a row of `list`: as it stands, or as it stood at a moment."""

from __future__ import annotations

import sqlite3
from datetime import tzinfo
from typing import Any

from archive.capture import Outcome
from archive.fields import FIELD_NAMES
from archive.instants import to_iso
from archive.places import Status
from archive.selection import WITHDRAWN_THEN
from archive.versions import Version

Row = dict[str, Any]


def document_row(
    connection: sqlite3.Connection,
    zone: tzinfo,
    document_id: int,
    version: Version,
    as_of_ms: int | None = None,
) -> Row:
    """A document with the fields of one of its versions; times in `zone`.

    With `as_of_ms`, what else is said of it is as it was then. Its address is today's in any case:
    that is where a person can look.
    """
    then = {"id": document_id, "as_of_ms": as_of_ms}
    portal, withdrawn, first_seen, versions, changed = connection.execute(
        f"""SELECT documents.portal, {"withdrawn" if as_of_ms is None else WITHDRAWN_THEN},
                   first_seen_ms, max(number), max(at_ms)
            FROM documents JOIN versions ON document_id = documents.id
            WHERE documents.id = :id AND (:as_of_ms IS NULL OR at_ms <= :as_of_ms)""",
        then,
    ).fetchone()
    places = connection.execute(
        """SELECT id, url, status, last_seen_ms, last_asked_ms FROM locations
           WHERE document_id = ? ORDER BY id""",
        (document_id,),
    ).fetchall()
    checked = [
        _answered(connection, place[0], as_of_ms, in_any_way=withdrawn)
        if as_of_ms is not None
        else place[4 if withdrawn else 3]
        for place in places
    ]

    def iso(ms: int | None) -> str | None:
        return None if ms is None else to_iso(ms, zone)

    return {
        "portal": portal,
        **{name: getattr(version.fields, name) for name in FIELD_NAMES},
        "validity": version.fields.validity.value,
        "url": _best_address(connection, version, places),
        "versions": versions,
        "status": "withdrawn" if withdrawn else "current",
        "first_seen": iso(first_seen),
        "last_changed": iso(changed),
        "last_checked": iso(max((ms for ms in checked if ms), default=None)),
    }


def _answered(
    connection: sqlite3.Connection, location_id: int, as_of_ms: int, *, in_any_way: bool
) -> int | None:
    """When a location last showed its document, or answered in any way, until that moment.

    None for one that was not yet known to be the document's.
    """
    until = "FROM captures WHERE location_id = :location AND at_ms <= :as_of_ms"
    good = f"outcome IN ('{Outcome.DOCUMENT}', '{Outcome.UNCHANGED}')"
    if in_any_way:
        good = f"EXISTS (SELECT 1 {until} AND ({good} OR outcome = '{Outcome.MOVED}'))"
    row = connection.execute(
        f"SELECT at_ms {until} AND {good} ORDER BY id DESC LIMIT 1",
        {"location": location_id, "as_of_ms": as_of_ms},
    ).fetchone()
    return row[0] if row else None


def _best_address(
    connection: sqlite3.Connection, version: Version, places: list[tuple[Any, ...]]
) -> str:
    """Where a version was seen, or where its document is now if it is no longer there."""
    by_id = {place[0]: place for place in places}
    own = by_id.get(version.location_id)
    if own is None or own[2] != Status.LIVE:
        live = [place for place in places if place[2] == Status.LIVE]
        if live:
            return str(live[0][1])
    row = connection.execute("SELECT url FROM locations WHERE id = ?", (version.location_id,))
    return str(row.fetchone()[0])
