"""Copies of one document at several locations: whether they disagree, and which one stands (R7)."""

from __future__ import annotations

import sqlite3

from archive.comparison import Difference, Kind, compare, same_document_state
from archive.context import RunContext
from archive.places import Place, Status, places_of, shown_at, state_at
from archive.readings import Page
from archive.standing import version_state
from archive.versions import Birth, add_event, add_version, current_version


def judge_copies(
    run: RunContext,
    place: Place,
    birth: Birth,
) -> None:
    """Hold what `place` shows against the other locations of its document.

    Two copies are judged only when each has answered since either changed: a run meets one of
    them before the other, and an amendment seen at the first is not yet a disagreement. A
    disagreement is recorded once, until the copies have agreed again.
    """
    assert place.document_id is not None
    for other in places_of(run.connection, place.document_id):
        if other.id == place.id or other.status != Status.LIVE or other.state_id is None:
            continue
        changed = max(place.changed_run or 0, other.changed_run or 0)
        if min(place.answered_run or 0, other.answered_run or 0) < changed:
            continue
        low, high = sorted((place, other))
        judged = run.connection.execute(
            """SELECT low_state, high_state, agree FROM copies
               WHERE low_location = ? AND high_location = ?""",
            (low.id, high.id),
        ).fetchone()
        if judged and judged[:2] == (low.state_id, high.state_id):
            continue
        agree = same_document_state(
            state_at(run, low),
            state_at(run, high),
        )
        run.connection.execute(
            "INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?)",
            (low.id, high.id, low.state_id, high.state_id, agree),
        )
        if not agree and (judged is None or judged[2]):
            event = Difference(Kind.DIVERGENCE, None, low.url, high.url)
            add_event(run.connection, place.document_id, place, event, birth)


def hand_on_judgements(connection: sqlite3.Connection, source: Place, target: Place) -> None:
    """Where one location leads on to another, what was found of its copy holds for that one.

    Else a portal that gives all its pages new addresses would have every disagreement told again.
    """
    judged = connection.execute(
        """SELECT iif(low_location = :source, high_location, low_location),
                  iif(low_location = :source, low_state, high_state),
                  iif(low_location = :source, high_state, low_state), agree
           FROM copies WHERE :source IN (low_location, high_location)""",
        {"source": source.id},
    ).fetchall()
    for other, own_state, other_state, agree in judged:
        if other == target.id:
            continue
        (low, low_state), (high, high_state) = sorted(
            [(target.id, own_state), (other, other_state)]
        )
        connection.execute(
            "INSERT OR IGNORE INTO copies VALUES (?, ?, ?, ?, ?)",
            (low, high, low_state, high_state, agree),
        )


def adopt_survivor(
    run: RunContext,
    document_id: int,
    birth: Birth,
) -> None:
    """Where the location that a document's current version came from is gone, let a copy stand.

    A further location's first capture makes no version, and a copy is compared with itself alone.
    When a document moves without a redirect and is amended on the way, its new address would
    never be heard: so once the old one is gone, what the surviving copy shows is the document.
    """
    version = current_version(run.connection, document_id)
    live = [
        place
        for place in places_of(run.connection, document_id)
        if place.status == Status.LIVE and place.state_id is not None
    ]
    if not live or any(place.id == version.location_id for place in live):
        return
    survivor = max(live, key=lambda place: (place.changed_run or 0, place.id))
    state = state_at(run, survivor)
    differences = compare(version_state(run, version), state)
    if not differences:
        return
    assert survivor.state_id is not None
    shown = shown_at(run.connection, survivor.state_id)
    page = Page(shown.body_id, survivor.id, survivor.url, shown.content_type)
    body_sha256 = run.connection.execute(
        "SELECT sha256 FROM bodies WHERE id = ?", (shown.body_id,)
    ).fetchone()[0]
    add_version(
        run.connection,
        document_id=document_id,
        place=survivor,
        body_sha256=body_sha256,
        reading=run.read(page),
        state=state,
        differences=differences,
        birth=birth._replace(capture_id=shown.capture_id),
    )
