"""When a document is withdrawn, and when it is back (R9). Nothing is ever deleted."""

from __future__ import annotations

import sqlite3

from archive.capture import Outcome
from archive.comparison import Difference, Kind
from archive.context import RunContext
from archive.copies import adopt_survivor
from archive.places import Place, Status, find_place, places_of
from archive.versions import Birth, add_event


def settle_gone(run: RunContext) -> None:
    """At a run's end, draw the conclusions from the locations that it found gone.

    A location is gone when two separate runs found it so with no good answer between them. It is
    judged at the end, because a run that turns out to be stopped by a firewall counts for none.
    """
    rows = run.connection.execute(
        """SELECT portal, url, max(captures.id), max(at_ms) FROM captures
           JOIN locations ON locations.id = location_id
           WHERE run_id = ? AND outcome = ? AND document_id IS NOT NULL
           AND coalesce(answered_run, 0) < run_id AND locations.status = ?
           GROUP BY location_id ORDER BY max(captures.id)""",
        (run.run_id, Outcome.GONE, Status.LIVE),
    ).fetchall()
    for portal, url, capture_id, at_ms in rows:
        place = find_place(run.connection, portal, url)
        assert place is not None
        if place.gone_run is None:
            _note(run.connection, place, "gone_run = ?", run.run_id)
        elif place.gone_run < run.run_id:
            _note(run.connection, place, "status = ?", Status.GONE)
            birth = Birth(run.run_id, capture_id, at_ms, baseline=False)
            _conclude(run, place, birth)


def restore_if_withdrawn(
    run: RunContext,
    place: Place,
    birth: Birth,
) -> None:
    """A good answer from any of its locations restores a withdrawn document.

    It is then what that location shows, whether or not it was there before (R7).
    """
    assert place.document_id is not None
    withdrawn = run.connection.execute(
        "SELECT withdrawn FROM documents WHERE id = ?", (place.document_id,)
    ).fetchone()[0]
    if withdrawn:
        run.connection.execute(
            "UPDATE documents SET withdrawn = 0 WHERE id = ?", (place.document_id,)
        )
        adopt_survivor(run, place.document_id, birth)
        event = Difference(Kind.RESTORED, None, None, None)
        add_event(run.connection, place.document_id, place, event, birth)


def _conclude(
    run: RunContext,
    place: Place,
    birth: Birth,
) -> None:
    assert place.document_id is not None
    if any(one.status == Status.LIVE for one in places_of(run.connection, place.document_id)):
        adopt_survivor(run, place.document_id, birth)
        return
    run.connection.execute("UPDATE documents SET withdrawn = 1 WHERE id = ?", (place.document_id,))
    event = Difference(Kind.WITHDRAWN, None, None, None)
    add_event(run.connection, place.document_id, place, event, birth)


def _note(connection: sqlite3.Connection, place: Place, what: str, value: object) -> None:
    connection.execute(f"UPDATE locations SET {what} WHERE id = ?", (value, place.id))
