"""What each fetch of a page brought."""

from __future__ import annotations

from archive.captures import CaptureFilter
from archive.captures import captures as found_captures
from archive.questions.source import Row, Source


def captures(source: Source, chosen: CaptureFilter, limit: int) -> tuple[list[Row], bool]:
    """The newest captures that match, as rows of `captures`, and whether there are more."""
    with source.asked():
        found = found_captures(source.connection, chosen, limit + 1)
    rows = [
        {
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
        for one in found[:limit]
    ]
    return rows, len(found) > limit
