"""An archive as a WARC file (ISO 28500, version 1.1), whole enough to be imported again.

What was received are `response`, `resource` and `revisit` records, as any web archive has them.
What was made of it travels as `metadata` records, rows of tables in JSON; they are left out of an
export of chosen documents, which is for other tools to read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version

import orjson

from archive import transfer
from archive.capture import Outcome
from archive.export.holdings import Holdings, Taken
from archive.export.records import (
    IDENTICAL,
    NOT_MODIFIED,
    SAME_DOCUMENT,
    Output,
    Records,
    Written,
)
from archive.instants import now_ms

FORMAT = "1"
"""Of the metadata records; a reader refuses what it does not know."""
TABLE = "urn:yange:table:"
"""What the address of a metadata record with rows begins with; the table's name follows."""
END = "urn:yange:end"
"""The address of the last metadata record, which says how many rows of each table there were."""
SOFTWARE = f"yange/{version('yange')}"
CONFORMS_TO = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"

_BATCH_BYTES = 1 << 20
# What this kind of capture says of its location is that the document is there.
_GOOD = (Outcome.DOCUMENT, Outcome.UNCHANGED)


def write_warc(
    holdings: Holdings, out: Output, note: Callable[[Written], None] = lambda _: None
) -> Records:
    """Write `holdings` to `out`; `note` is told of each record that a replay tool looks for."""
    records = Records(out, note)
    with closing(sqlite3.connect("", isolation_level=None)) as register:
        _Export(holdings, records, register).write()
    return records


def instant(at_ms: int) -> str:
    """A WARC-Date: UTC, to the second, which every tool understands."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Export:
    """One WARC file on its way.

    What was written where is remembered in a temporary database, which SQLite keeps in a file once
    it grows: an archive may have more bodies than memory has room for.
    """

    def __init__(self, holdings: Holdings, records: Records, register: sqlite3.Connection) -> None:
        self._holdings = holdings
        self._records = records
        self._register = register
        self._now = instant(now_ms())
        register.execute("PRAGMA journal_mode = OFF")
        # The record that has a body; what each location showed, and each attachment was, last.
        for table in ("bodies", "locations", "addresses"):
            register.execute(
                f"CREATE TABLE {table} (key PRIMARY KEY, body_id, record) WITHOUT ROWID"
            )

    def write(self) -> None:
        """Write everything."""
        self._info()
        if self._holdings.is_whole:
            counts = {table: self._table(table) for table in self._tables()}
        for capture in self._holdings.captures():
            self._capture(capture)
        self._attachments()
        if self._holdings.is_whole:
            self._other_bodies()
            self._records.metadata(END, self._now, orjson.dumps({"rows": counts}))

    def _info(self) -> None:
        whole = self._holdings.is_whole
        length, head = self._holdings.ledger
        self._records.info(
            self._now,
            {
                "software": SOFTWARE,
                "format": "WARC File Format 1.1",
                "conformsTo": CONFORMS_TO,
                "description": "an archive of yange"
                if whole
                else "documents chosen from an archive of yange; it cannot be imported",
                "yange-export": FORMAT,
                "yange-content": "whole" if whole else "excerpt",
                "yange-schema": str(transfer.schema_version(self._holdings.connection)),
                "yange-ledger-length": str(length),
                "yange-ledger-head": head,
            },
        )

    # --- what was made of it ----------------------------------------------------------------------

    def _tables(self) -> list[str]:
        return transfer.tables(self._holdings.connection)

    def _table(self, table: str) -> int:
        connection = self._holdings.connection
        total = transfer.count(connection, table)
        self._holdings.progress(table, 0, total)
        for batch in transfer.batches(transfer.rows(connection, table), _BATCH_BYTES):
            self._records.metadata(TABLE + table, self._now, batch)
        return total

    # --- what was received ------------------------------------------------------------------------

    def _capture(self, capture: Taken) -> None:
        date = instant(capture.at_ms)
        if capture.accepts is not None:
            # The same answer once more; its record is that of the capture which was accepted.
            if capture.body_id is not None:
                self._remember("locations", capture.location_id, capture.body_id)
            return
        if capture.body_id is None:
            shown = self._recall("locations", capture.location_id)
            if shown is not None:
                profile = NOT_MODIFIED if capture.status == 304 else SAME_DOCUMENT
                self._records.revisit(capture.url, date, profile, shown[1])
            return
        known = self._recall("bodies", capture.body_id)
        if known is not None:
            status, body = capture.status, self._holdings.body(capture.body_id)
            # A 304 has no body; what stood there before is the body of what was recorded with it.
            profile = NOT_MODIFIED if status == 304 else IDENTICAL
            self._records.revisit(
                capture.url,
                date,
                profile,
                known[1],
                status=None if status == 304 else status,
                headers=capture.headers,
                size=len(body),
            )
        else:
            body = self._holdings.body(capture.body_id)
            if capture.status is None:
                media_type = capture.headers.get("content-type", "")
                written = self._records.resource(capture.url, date, media_type, body)
            else:
                written = self._records.response(
                    capture.url, date, capture.status, capture.headers, body
                )
            self._note("bodies", capture.body_id, capture.body_id, written)
        if capture.outcome in _GOOD:
            self._remember("locations", capture.location_id, capture.body_id)

    def _attachments(self) -> None:
        """Attachments, whose answers were not kept beyond the bytes and what they are."""
        for kept in self._holdings.attachments():
            last = self._recall("addresses", kept.url)
            if last is not None and last[0] == kept.body_id:
                continue
            date = instant(kept.at_ms)
            known = self._recall("bodies", kept.body_id)
            if known is not None:
                self._records.revisit(kept.url, date, IDENTICAL, known[1])
            else:
                body = self._holdings.body(kept.body_id)
                written = self._records.resource(kept.url, date, kept.media_type, body)
                self._note("bodies", kept.body_id, kept.body_id, written)
            self._remember("addresses", kept.url, kept.body_id)

    def _other_bodies(self) -> None:
        """What was received and no capture refers to, such as files of pages that were suspect."""
        for body_id, digest in self._holdings.bodies():
            if self._recall("bodies", body_id) is None:
                url = f"urn:sha256:{digest.hex()}"
                self._records.resource(url, self._now, "", self._holdings.body(body_id))

    # --- the register -----------------------------------------------------------------------------

    def _recall(self, table: str, key: object) -> tuple[int, Written] | None:
        row = self._register.execute(
            f"SELECT body_id, record FROM {table} WHERE key = ?", (key,)
        ).fetchone()
        return (row[0], Written(*orjson.loads(row[1]))) if row else None

    def _note(self, table: str, key: object, body_id: int, record: Written) -> None:
        self._register.execute(
            f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)",
            (key, body_id, orjson.dumps(tuple(record))),
        )

    def _remember(self, table: str, key: object, body_id: int) -> None:
        """Note that the record which has this body is what was seen last under `key`."""
        known = self._recall("bodies", body_id)
        assert known is not None
        self._note(table, key, body_id, known[1])
