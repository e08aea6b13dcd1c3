"""Pages worth keeping: the smallest for each shape that a reading can have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from hashlib import sha256

from crawler.reading import read_list

from .oracles import READER, URL
from .seeds import CASES, SAVED

_LARGEST = 1500
_MOST = 20


def shape_of(page: bytes) -> tuple[object, ...]:
    """What there is in the reading of a page, without what it says."""
    reading = READER.read(page, url=URL)
    listing = read_list(page, url=URL)
    return (
        reading.nature,
        reading.reason,
        sum(value is not None and value != "" for value in astuple(reading.fields)),
        min(2, len(reading.attachments)),
        min(3, len(reading.metadata)),
        bool(reading.problems),
        "\t" in reading.text,
        min(2, reading.text.count("\n")) if reading.text else -1,
        listing.is_list,
        min(2, len(listing.rows)),
        listing.next_page is not None,
        listing.total_pages is not None,
    )


def worth_keeping(pages: Iterable[bytes]) -> list[tuple[str, bytes]]:
    """Of small pages the smallest of each shape that no saved page or case has, with a name."""
    known = {
        shape_of(path.read_bytes())
        for folder in (CASES, SAVED)
        for path in sorted(folder.glob("*.html"))
    }
    best: dict[tuple[object, ...], bytes] = {}
    for page in sorted(pages, key=len):
        if len(page) > _LARGEST or len(best) == _MOST:
            break
        shape = shape_of(page)
        if shape not in known:
            best.setdefault(shape, page)
    return [(f"{sha256(page).hexdigest()[:12]}.html", page) for page in best.values()]
