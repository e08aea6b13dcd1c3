"""The captures, for reading: what each fetch of a location brought, and the bytes kept of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archive.acceptance import find_evidence
from archive.bodies import read_body
from archive.errors import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFilter:
    """Filters on captures; what is None or empty lets everything through.

    `locations` are ids. `since_ms` and `until_ms` are instants of capture, both included.
    """

    id: int | None = None
    locations: Sequence[int] | None = None
    run_id: int | None = None
    portal: str | None = None
    outcomes: Sequence[str] = ()
    since_ms: int | None = None
    until_ms: int | None = None


class CaptureRow(NamedTuple):
    """A capture; `size` and `sha256` are those of the body that was kept, if one was.

    `accepts` is the capture that this one is the acceptance of, `accepted_as` the acceptance.
    """

    id: int
    at_ms: int
    run: int
    portal: str
    url: str
    outcome: str
    reason: str | None
    status: int | None
    size: int | None
    sha256: bytes | None
    accepts: int | None
    accepted_as: int | None


class Kept(NamedTuple):
    """The bytes that a capture kept: where they came from, and as what."""

    portal: str
    url: str
    content_type: str
    body: bytes


def captures(connection: sqlite3.Connection, chosen: CaptureFilter, limit: int) -> list[CaptureRow]:
    """The newest captures that match, newest first, `limit` of them at most."""
    clauses, values = ["1"], dict[str, Any]({"limit": limit})
    for clause, name, value in (
        ("captures.id = :id", "id", chosen.id),
        ("captures.run_id = :run", "run", chosen.run_id),
        ("portal = :portal", "portal", chosen.portal),
        ("captures.at_ms >= :since", "since", chosen.since_ms),
        ("captures.at_ms <= :until", "until", chosen.until_ms),
    ):
        if value is not None:
            clauses.append(clause)
            values[name] = value
    for column, several in (
        ("location_id", chosen.locations),
        ("outcome", chosen.outcomes or None),
    ):
        if several is not None:
            names = [f"{column}{place}" for place, _ in enumerate(several)]
            clauses.append(f"{column} IN ({', '.join(f':{name}' for name in names)})")
            values |= dict(zip(names, several, strict=True))
    rows = connection.execute(
        f"""SELECT captures.id, captures.at_ms, captures.run_id, portal, url, outcome, reason,
            captures.status, bytes, sha256, given.accepted_capture_id, taken.capture_id
            FROM captures JOIN locations ON locations.id = location_id
            LEFT JOIN bodies ON bodies.id = body_id
            LEFT JOIN acceptances AS given ON given.capture_id = captures.id
            LEFT JOIN acceptances AS taken ON taken.accepted_capture_id = captures.id
            WHERE {" AND ".join(clauses)} ORDER BY captures.id DESC LIMIT :limit""",
        values,
    )
    return [CaptureRow(*row) for row in rows]


def kept(connection: sqlite3.Connection, capture_id: int) -> Kept:
    """The bytes that a capture kept. Raises NotFoundError where there are none."""
    found = find_evidence(connection, capture_id)
    if found.body_id is None:
        raise NotFoundError(f"no bytes were kept of capture {capture_id} ({found.outcome.value})")
    return Kept(
        found.portal,
        found.url,
        found.headers.get("content-type", ""),
        read_body(connection, found.body_id),
    )
