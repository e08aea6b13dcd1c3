"""The pages that mutation starts from: the saved ones, and some of the replica's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from crawler.replica.replica import Replica

HERE = Path(__file__).parent
CASES = HERE / "cases"
SAVED = HERE.parent / "pages"
_EPOCHS = ("published", "redesigned")
_DOCUMENTS = 8


def seeds() -> Iterator[bytes]:
    """Every saved page, every kept case, and pages of the replica in both of its designs."""
    for folder in (SAVED, CASES):
        for path in sorted(folder.glob("*.html")):
            yield path.read_bytes()
    with Replica() as replica:
        for epoch in _EPOCHS:
            replica.move_to(epoch)
            documents = replica.expected_documents(epoch)
            step = max(1, len(documents) // _DOCUMENTS)
            for url in (*replica.columns, *(one["urls"][0] for one in documents[::step])):
                with urlopen(url) as answer:
                    yield answer.read()
