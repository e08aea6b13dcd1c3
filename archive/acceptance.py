"""Captures that were kept as evidence and that a person found to be the document after all (R10).

Captures are never altered, so an acceptance is a further capture that refers to the first one. It
stands for the same answer: in the course of a location's history it has the first one's place.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from archive.bodies import read_body
from archive.capture import Capture, Outcome
from archive.errors import NotFoundError, YangeError
from archive.reading import Reader

_ODD = (Outcome.BLOCKED, Outcome.SUSPECT)
# What settles, for the time being, what a location shows.
_SETTLED = (Outcome.DOCUMENT, Outcome.UNCHANGED, Outcome.GONE, Outcome.MOVED, Outcome.OTHER)
# The place of a capture in the course of events: an accepted one keeps the place it had.
_MOMENT = """coalesce((SELECT accepted_capture_id FROM acceptances
             WHERE acceptances.capture_id = captures.id), captures.id)"""


class NotAcceptableError(YangeError):
    """A capture that cannot be accepted; the sentence says why."""


class Evidence(NamedTuple):
    """A capture as it was kept; `reason` is `""` where none was given."""

    id: int
    run_id: int
    portal: str
    url: str
    location_id: int
    document_id: int | None
    at_ms: int
    status: int | None
    outcome: Outcome
    reason: str
    headers: dict[str, str]
    body_id: int | None


def find_evidence(connection: sqlite3.Connection, capture_id: int) -> Evidence:
    """The capture of that id. Raises NotFoundError."""
    row = connection.execute(
        """SELECT run_id, portal, url, location_id, document_id, at_ms, captures.status,
           outcome, coalesce(reason, ''), headers, body_id
           FROM captures JOIN locations ON locations.id = location_id WHERE captures.id = ?""",
        (capture_id,),
    ).fetchone()
    if row is None:
        raise NotFoundError(f"there is no capture {capture_id}; `yange captures` lists them")
    run_id, portal, url, location, document, at_ms, status, outcome, reason, headers, body = row
    return Evidence(
        id=capture_id,
        run_id=run_id,
        portal=portal,
        url=url,
        location_id=location,
        document_id=document,
        at_ms=at_ms,
        status=status,
        outcome=Outcome(outcome),
        reason=reason,
        headers=orjson.loads(headers) if headers else {},
        body_id=body,
    )


def accepted_before(
    connection: sqlite3.Connection, location_id: int, outcome: Outcome, reason: str
) -> bool:
    """Whether this finding has been overruled at this location."""
    row = connection.execute(
        """SELECT 1 FROM acceptances JOIN captures ON captures.id = accepted_capture_id
           WHERE location_id = ? AND outcome = ? AND reason = ?""",
        (location_id, outcome, reason),
    ).fetchone()
    return row is not None


def as_document(connection: sqlite3.Connection, evidence: Evidence, reader: Reader) -> Capture:
    """The capture as that of a document, its bytes read by `reader`.

    Raises NotAcceptableError where there is nothing to accept, or where its time is over.
    """
    _refuse_what_is_no_evidence(connection, evidence)
    _refuse_what_is_overtaken(connection, evidence)
    assert evidence.body_id is not None
    body = read_body(connection, evidence.body_id)
    reading = reader.read(
        body, url=evidence.url, content_type=evidence.headers.get("content-type", "")
    )
    if not (reading.text or reading.attachments or reading.has_metadata):
        raise NotAcceptableError(
            f"no text, file or metadata is found on the page of capture {evidence.id};"
            f" `yange captures --raw {evidence.id}` gives its bytes"
        )
    return Capture(
        url=evidence.url,
        at=datetime.fromtimestamp(evidence.at_ms / 1000, UTC),
        outcome=Outcome.DOCUMENT,
        status=evidence.status,
        headers=evidence.headers,
        body=body,
        reading=reading,
    )


def note_acceptance(connection: sqlite3.Connection, accepted: int, run_id: int, at_ms: int) -> int:
    """Enter that the one capture of a run is the acceptance of another; the new one's id."""
    capture_id = int(
        connection.execute("SELECT id FROM captures WHERE run_id = ?", (run_id,)).fetchone()[0]
    )
    connection.execute(
        "INSERT INTO acceptances VALUES (?, ?, ?, ?)", (capture_id, accepted, run_id, at_ms)
    )
    return capture_id


def _refuse_what_is_no_evidence(connection: sqlite3.Connection, evidence: Evidence) -> None:
    known = connection.execute(
        "SELECT capture_id FROM acceptances WHERE accepted_capture_id = ?", (evidence.id,)
    ).fetchone()
    if known is not None:
        raise NotAcceptableError(
            f"capture {evidence.id} has been accepted already, as capture {known[0]}"
        )
    if evidence.outcome not in _ODD:
        raise NotAcceptableError(
            f"capture {evidence.id} is neither suspect nor blocked ({evidence.outcome.value}),"
            " so there is nothing to accept"
        )
    if evidence.body_id is None:
        raise NotAcceptableError(
            f"no bytes were kept of capture {evidence.id}, so there is nothing to accept"
        )


def _refuse_what_is_overtaken(connection: sqlite3.Connection, evidence: Evidence) -> None:
    """History is not rewritten: what has been seen since stands."""
    places = ", ".join("?" * len(_SETTLED))
    later = connection.execute(
        f"""SELECT id, outcome FROM captures WHERE location_id = ? AND id > ?
            AND outcome IN ({places}) AND {_MOMENT} > ? ORDER BY id DESC LIMIT 1""",
        (evidence.location_id, evidence.id, *_SETTLED, evidence.id),
    ).fetchone()
    # A copy elsewhere can have gone on; two that one run met are of one day.
    stands = connection.execute(
        f"""SELECT number, (SELECT run_id FROM captures AS seen WHERE seen.id = {_MOMENT})
            FROM documents JOIN versions ON versions.id = current_version_id
            JOIN captures ON captures.id = versions.capture_id WHERE documents.id = ?""",
        (evidence.document_id,),
    ).fetchone()
    if later is not None and later[1] in (Outcome.DOCUMENT, Outcome.UNCHANGED):
        shown = f"has shown version {stands[0]}" if stands else "has shown a document"
        since = f"{evidence.url} {shown} since (capture {later[0]})"
    elif later is not None:
        found = _IN_WORDS[Outcome(later[1])]
        since = f"{evidence.url} has turned out to be {found} since (capture {later[0]})"
    elif stands is not None and stands[1] > evidence.run_id:
        since = f"version {stands[0]} has been seen at another address since"
    else:
        return
    raise NotAcceptableError(
        f"capture {evidence.id} is overtaken, and history is not rewritten: {since}"
    )


_IN_WORDS = {
    Outcome.GONE: "gone",
    Outcome.MOVED: "moved",
    Outcome.OTHER: "no document",
}
