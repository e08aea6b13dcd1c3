"""Attachments' addresses: the bytes that were last fetched from each, within a transaction."""

from __future__ import annotations

from typing import NamedTuple

from archive.bodies import Encoded, keep_body, read_body
from archive.capture import KeptFile
from archive.context import RunContext
from archive.locations import location_key


class KnownFile(NamedTuple):
    """An attachment's address as last fetched; `fresh` if that was in this run."""

    sha256: bytes
    size: int
    media_type: str
    etag: str | None
    last_modified: str | None
    fresh: bool


def keep_file(run: RunContext, url: str, encoded: Encoded, headers: dict[str, str]) -> KeptFile:
    """Store an attachment's bytes ahead of the capture that they belong to."""
    body_id = keep_body(run.connection, encoded)
    return _at(run, url, (body_id, encoded.sha256, encoded.size), headers)


def keep_known_file(
    run: RunContext, url: str, digest: bytes, headers: dict[str, str]
) -> KeptFile | None:
    """Enter that an attachment's address showed bytes that are kept; None if they are not."""
    row = run.connection.execute(
        "SELECT id, sha256, bytes FROM bodies WHERE sha256 = ?", (digest,)
    ).fetchone()
    return _at(run, url, row, headers) if row else None


def media_type_of(headers: dict[str, str]) -> str:
    """The media type that an answer's headers give its bytes."""
    return headers.get("content-type", "").split(";")[0].strip().lower()


def _at(
    run: RunContext, url: str, body: tuple[int, bytes, int], headers: dict[str, str]
) -> KeptFile:
    body_id, digest, size = body
    media_type = media_type_of(headers)
    etag, last_modified = headers.get("etag"), headers.get("last-modified")
    run.connection.execute(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            run.portal,
            location_key(url),
            body_id,
            media_type,
            etag,
            last_modified,
            run.run_id,
        ),
    )
    return KeptFile("", url, digest, size, media_type, etag, last_modified)


def confirm_file(run: RunContext, url: str) -> None:
    """An attachment's server said that it has not changed: it is fresh for this run."""
    run.connection.execute(
        "UPDATE files SET run_id = ? WHERE portal = ? AND key = ?",
        (run.run_id, run.portal, location_key(url)),
    )


def note_failed_file(run: RunContext) -> None:
    """Count an attachment that could not be fetched through a fault of its server."""
    run.connection.execute(
        "UPDATE runs SET failed_files = failed_files + 1 WHERE id = ?", (run.run_id,)
    )


def known_file(run: RunContext, url: str) -> KnownFile | None:
    """What is known of an attachment's address."""
    row = run.connection.execute(
        """SELECT sha256, bytes, media_type, etag, last_modified, run_id = ?
           FROM files JOIN bodies ON bodies.id = body_id
           WHERE portal = ? AND key = ?""",
        (run.run_id, run.portal, location_key(url)),
    ).fetchone()
    if row is None:
        return None
    digest, size, media_type, etag, last_modified, fresh = row
    return KnownFile(digest, size, media_type, etag, last_modified, bool(fresh))


def known_bytes(run: RunContext, url: str) -> bytes | None:
    """What was last fetched from an attachment's address."""
    row = run.connection.execute(
        "SELECT body_id FROM files WHERE portal = ? AND key = ?", (run.portal, location_key(url))
    ).fetchone()
    return None if row is None else read_body(run.connection, row[0])
