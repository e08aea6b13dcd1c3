"""A large archive, made in one go: as many documents and versions as are asked for.

Everything goes through what records a crawl's captures, so rows, ledger and digests are what a
crawl would have left. Only the fetching, and a transaction for each capture, are spared.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import orjson

from archive.capture import Capture, Outcome
from archive.context import RunContext
from archive.database import open_for_writing, transaction
from archive.fields import Fields, Validity
from archive.reading import Nature, Reading
from archive.readings import Readings
from archive.recording import Recorder
from archive.runs import RunOutcome, finish, start

HOST = "http://www.example.org"
PORTAL = "large"

_BATCH = 500
_WORDS = 6000
_WORDS_A_LINE = 24
_LINES = 10
_AGENCIES = 120
_CATEGORIES = 40
_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
_LABELS = (("有效", Validity.VALID), ("废止", Validity.REPEALED), ("失效", Validity.INVALID))

Progress = Callable[[int], None]
PageOf = Callable[[int, int], dict[str, Any]]


class PlainReader:
    """Reads the pages of such an archive: JSON of what stands there."""

    name = "bench/1"
    settings = "{}"

    def read(self, body: bytes, *, url: str, content_type: str = "") -> Reading:  # noqa: ARG002
        """The page, read."""
        stated = orjson.loads(body)
        text = "\n".join(stated.pop("lines"))
        validity = Validity(stated.pop("validity"))
        return Reading(
            reader=self.name,
            nature=Nature.DOCUMENT,
            fields=Fields(**stated, validity=validity),
            text=text,
            has_metadata=True,
        )

    def decode(self, body: bytes, content_type: str = "") -> str:  # noqa: ARG002
        """The page as text."""
        return body.decode()


def make_archive(
    path: Path,
    documents: int,
    versions: int,
    progress: Progress = lambda _done: None,
    page_of: PageOf | None = None,
) -> None:
    """Make an archive at `path` of so many documents, with so many versions each.

    `progress` is told how many versions there are. The same arguments give the same archive.
    `page_of` says what the page of a document states in an edition, both from 0.
    """
    connection = open_for_writing(path)
    # It can be made again, so it need not survive a power cut.
    connection.execute("PRAGMA synchronous = OFF")
    reader, readings = PlainReader(), Readings(connection)
    done = 0
    for edition in range(versions):
        began = _BEGAN + timedelta(days=180 * edition)
        with transaction(connection):
            run_id = start(connection, PORTAL, "sweep", None, None)
        recorder = Recorder(RunContext(connection, readings, reader, PORTAL, run_id))
        for first in range(0, documents, _BATCH):
            with transaction(connection):
                for number in range(first, min(first + _BATCH, documents)):
                    at = began + timedelta(seconds=number)
                    recorder.record(page_capture(number, edition, at, page_of))
            done += min(_BATCH, documents - first)
            progress(done)
        with transaction(connection):
            finish(connection, run_id, RunOutcome.FINISHED, [], requests=documents)
    connection.close()


def page_capture(number: int, edition: int, at: datetime, page_of: PageOf | None = None) -> Capture:
    """The capture of the document of that number in one of its editions, both from 0."""
    body, url = orjson.dumps((page_of or plain_page)(number, edition)), document_url(number)
    return Capture(
        url=url,
        at=at,
        outcome=Outcome.DOCUMENT,
        status=200,
        headers={"content-type": "application/json"},
        body=body,
        reading=PlainReader().read(body, url=url),
    )


def document_url(number: int) -> str:
    """Where the document of that number, from 0, is published."""
    return f"{HOST}/gk/{number}.html"


def plain_page(number: int, edition: int) -> dict[str, Any]:
    """A document in one of its editions: each differs from the one before in a line or a field."""
    draw = random.Random(number)  # noqa: S311 the same text every time, and no secret
    lines = [_line(draw) for _ in range(_LINES)]
    title = f"关于{_words(draw, 4)}的通知"
    category = draw.randrange(_CATEGORIES)
    agency = draw.randrange(_AGENCIES)
    label = draw.choices(range(3), (90, 6, 4))[0]
    published = _BEGAN - timedelta(days=draw.randrange(4000), minutes=number % 1440)
    for _ in range(edition):
        lines[draw.randrange(_LINES)] = _line(draw)
    if edition >= 3 and number % 10 == 0:
        label = 1
    return {
        "title": title,
        "index_number": f"11150300011500{agency:04d}/{published.year}-{number:06d}",
        "document_number": f"砚政发〔{published.year}〕{number % 400 + 1}号",
        "issuing_agency": f"砚湖市{_VOCABULARY[agency]}局",
        "category": f"{_VOCABULARY[1000 + category]}事项",
        "summary": title,
        "written_on": published.date().isoformat(),
        "published_at": published.isoformat(timespec="seconds"),
        "validity_label": _LABELS[label][0],
        "validity": _LABELS[label][1],
        "lines": lines,
    }


def _line(draw: random.Random) -> str:
    return f"{_words(draw, _WORDS_A_LINE)}，共{draw.randrange(1, 5000)}项。"


def _words(draw: random.Random, count: int) -> str:
    return "".join(draw.choices(_VOCABULARY, cum_weights=_WEIGHTS, k=count))


def _vocabulary() -> Iterator[str]:
    """Words of one to three characters, of those that Chinese text is mostly made of."""
    draw = random.Random(0)  # noqa: S311 the same words every time, and no secret
    common = bytes(
        byte for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF) for byte in (row, cell)
    ).decode("gb2312")
    for _ in range(_WORDS):
        yield "".join(draw.choices(common, k=draw.choice((1, 2, 2, 2, 3))))


_VOCABULARY = tuple(_vocabulary())
# The n-th word is used about one n-th as often as the first (Zipf).
_WEIGHTS = tuple(accumulate(1 / (rank + 3) for rank in range(_WORDS)))
