"""What moves on the pages in every epoch although no document does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from crawler.replica.documents import Location
from crawler.replica.epochs import EPOCHS, Epoch
from crawler.replica.listing import Row


def moving_parts(epoch: Epoch, place: str, recommended: Sequence[Row]) -> dict[str, object]:
    """Times of generation, visit counter, request token and recommendations of one page.

    `place` is anything that tells the page from others; `recommended` are the rows to draw from.
    """
    age = EPOCHS.index(epoch)
    seed = int(hashlib.sha256(place.encode()).hexdigest()[:6], 16)
    start = seed + 11 * age
    return {
        "created": f"{epoch.begins:%Y-%m-%d %H:%M:%S}",
        "cleared": f"{epoch.begins + timedelta(seconds=seed % 900):%Y-%m-%d %H:%M:%S}",
        "timestamp": int(epoch.begins.timestamp()) * 1000,
        "token": f"{seed * (age + 7):010x}",
        "visits": seed % 4000 + 37 * (age + 1),
        "hot": [recommended[(start + 5 * step) % len(recommended)] for step in range(5)],
    }


def neighbours(
    epoch: Epoch, rows: Sequence[Row], location: Location
) -> list[tuple[str, Row | None]]:
    """The previous and the next row of the column; every other epoch the CMS counts backwards."""
    documents = [row for row in rows if row.location is not None]
    place = next(index for index, row in enumerate(documents) if row.location == location)
    newer = documents[place - 1] if place > 0 else None
    older = documents[place + 1] if place + 1 < len(documents) else None
    if EPOCHS.index(epoch) % 2:
        newer, older = older, newer
    return [("上一条", newer), ("下一条", older)]
