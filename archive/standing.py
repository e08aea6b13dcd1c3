"""What a recorded version amounts to now: in one reader's words, with late attachments in place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from archive.comparison import Attachment, State
from archive.context import RunContext
from archive.places import state_of, unpack_attachments
from archive.readings import page_of
from archive.versions import Birth, Version


class Held(NamedTuple):
    """An attachment whose bytes are in the archive."""

    name: str
    sha256: bytes


def version_state(run: RunContext, version: Version) -> State:
    """A version in the words of the run's reader, with the attachments' bytes that arrived late."""
    reading = run.read(page_of(run.connection, version.reading_id)).reading
    return state_of(reading, completed_attachments(run.connection, version))


def completed_attachments(
    connection: sqlite3.Connection, version: Version
) -> tuple[Attachment, ...]:
    """A version's attachments with the bytes that arrived after it was recorded."""
    late = {
        url: (digest.hex(), size, media_type)
        for url, digest, size, media_type in connection.execute(
            """SELECT url, sha256, bytes, media_type FROM completions
               JOIN bodies ON bodies.id = body_id WHERE version_id = ?""",
            (version.id,),
        )
    }
    return tuple(
        Attachment(one.name, one.url, *late[one.url]) if one.url in late else one
        for one in version.attachments
    )


def held_attachments(connection: sqlite3.Connection) -> dict[int, list[Held]]:
    """Of every version that has any, by its id, the attachments whose bytes are held."""
    held: dict[int, list[Held]] = {}
    for version_id, attachments in connection.execute(
        "SELECT id, attachments FROM versions WHERE attachments <> '[]'"
    ):
        for one in unpack_attachments(attachments):
            if one.sha256 is not None:
                held.setdefault(version_id, []).append(Held(one.name, bytes.fromhex(one.sha256)))
    for version_id, url, sha256, attachments in connection.execute(
        """SELECT version_id, url, bodies.sha256, attachments FROM completions
           JOIN bodies ON bodies.id = body_id JOIN versions ON versions.id = version_id
           ORDER BY completions.id"""
    ):
        for one in unpack_attachments(attachments):
            if one.url == url:
                held.setdefault(version_id, []).append(Held(one.name, sha256))
    return held


def complete_version(
    connection: sqlite3.Connection,
    version: Version,
    attachments: Iterable[Attachment],
    birth: Birth,
) -> None:
    """Enter bytes that a version's attachments lacked; they complete it without a change (R6)."""
    missing = {one.url for one in completed_attachments(connection, version) if one.sha256 is None}
    for one in attachments:
        if one.url in missing and one.sha256 is not None:
            connection.execute(
                """INSERT INTO completions (version_id, url, body_id, media_type, run_id, at_ms)
                   SELECT ?, ?, bodies.id, ?, ?, ? FROM bodies WHERE sha256 = ?""",
                (
                    version.id,
                    one.url,
                    one.media_type,
                    birth.run_id,
                    birth.at_ms,
                    bytes.fromhex(one.sha256),
                ),
            )
