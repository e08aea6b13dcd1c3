"""What each fetch of a page brought."""

from __future__ import annotations

from archive.captures import CaptureFilter, CaptureRow
from archive.captures import captures as found_captures
from archive.errors import NotFoundError
from archive.questions.source import HIGHEST_ID, Row, Source


def captures(source: Source, chosen: CaptureFilter, limit: int) -> tuple[list[Row], bool]:
    """The newest captures that match, as rows of `captures`, and whether there are more."""
    with source.asked():
        found = found_captures(source.connection, chosen, limit + 1)
    return [_row(source, one) for one in found[:limit]], len(found) > limit


def capture(source: Source, capture_id: int) -> Row:
    """One capture, as a row of `captures`."""
    with source.asked():
        found = found_captures(
            source.connection, CaptureFilter(id=min(capture_id, HIGHEST_ID)), limit=1
        )
    if not found:
        raise NotFoundError(f"there is no capture {capture_id}")
    return _row(source, found[0])


def _row(source: Source, one: CaptureRow) -> Row:
    return {
        "id": one.id,
        "at": source.iso(one.at_ms),
        "run": one.run,
        "portal": one.portal,
        "url": one.url,
        "outcome": one.outcome,
        "reason": one.reason,
        "status": one.status,
        "bytes": one.size,
        "sha256": one.sha256.hex() if one.sha256 else None,
        "accepts": one.accepts,
        "accepted_as": one.accepted_as,
    }
