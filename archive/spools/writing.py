"""Writing a spool: what a crawl finds, in the order in which it happened, as a WARC file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import orjson

from archive.capture import Capture
from archive.export.records import IDENTICAL, NOT_MODIFIED, Earlier, Output, Records, digest_of
from archive.export.warc import CONFORMS_TO, instant
from archive.instants import now_ms, to_ms
from archive.spools.form import END, FORMAT, ITEMS, SpoolHead
from archive.spools.items import Item, kept_headers
from archive.spools.wholeness import Measured

# Items wait for one another, since a record a piece would take more room than most of them. Whoever
# reads the spool holds so much of it in memory, and records it in one transaction.
_MOST_ITEMS = 32
_MOST_BYTES = 1 << 20


class SpoolWriter:
    """Writes one spool to `out`. It is whole once `close` has returned."""

    def __init__(self, out: Output, head: SpoolHead) -> None:
        self._out = Measured(out)
        self._records = Records(self._out)
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._groups = 0
        fields = {
            "software": f"yange/{version('yange')}",
            "format": "WARC File Format 1.1",
            "conformsTo": CONFORMS_TO,
            "description": "what one crawl found, to be recorded in an archive of yange",
            "yange-spool": FORMAT,
            "yange-head": orjson.dumps(head._asdict()).decode(),
        }
        self._records.info(instant(head.started_ms), fields)

    def capture(self, capture: Capture, item: Item, held: tuple[bytes, int] | None = None) -> None:
        """Write a capture: its answer as a record of its own, and `item`, which says the rest.

        `held` are the SHA-256 of the bytes which the answer says are still there, and when they
        were last seen.
        """
        date = instant(to_ms(capture.at))
        if capture.body is not None and capture.status is not None:
            self._records.response(
                capture.url, date, capture.status, kept_headers(capture), capture.body
            )
            self._bytes += len(capture.body)
        elif held is not None:
            digest, seen_ms = held
            profile = NOT_MODIFIED if capture.status == 304 else IDENTICAL
            earlier = Earlier(capture.url, instant(seen_ms), f"sha256:{digest.hex()}")
            self._records.revisit(capture.url, date, profile, earlier)
        self.item(item)

    def file(
        self, url: str, body: bytes, headers: Mapping[str, str], item: Item, *, is_known: bool
    ) -> None:
        """Write an attachment's bytes, unless they are known where the spool goes, and `item`."""
        date = instant(now_ms())
        if is_known:
            earlier = Earlier(url, None, digest_of(body))
            self._records.revisit(url, date, IDENTICAL, earlier)
        else:
            self._records.resource(url, date, headers.get("content-type", ""), body)
            self._bytes += len(body)
        self.item(item)

    def item(self, item: Item) -> None:
        """Write an item; all that belongs to it has been written."""
        self._waiting.append(orjson.dumps(item))
        if len(self._waiting) >= _MOST_ITEMS or self._bytes >= _MOST_BYTES:
            self._write_items()

    def close(self) -> None:
        """Write what waits, and the last record."""
        self._write_items()
        end = {**self._out.measure, "groups": self._groups}
        self._records.metadata(END, instant(now_ms()), orjson.dumps(end))

    def _write_items(self) -> None:
        if self._waiting:
            array = b"[" + b",".join(self._waiting) + b"]"
            self._records.metadata(ITEMS, instant(now_ms()), array)
            self._groups += 1
            self._waiting.clear()
            self._bytes = 0
