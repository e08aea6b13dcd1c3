"""Claims kept beside the archive, so that a text is read for them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from archive.conclusions_file import ConclusionsFile
from archive.law.claims.claim import Claim

_TABLE = """CREATE TABLE IF NOT EXISTS claims (
    version BLOB PRIMARY KEY,
    reader TEXT NOT NULL,
    claims BLOB NOT NULL
) STRICT, WITHOUT ROWID"""

Claims = tuple[Claim, ...]


class ClaimStore:
    """The claims of versions by the versions' digests, as one reader read them."""

    def __init__(self, archive: Path, reader: str) -> None:
        self._file = ConclusionsFile(archive, _TABLE)
        self._reader = reader

    def load(self) -> dict[bytes, Claims]:
        """All that is kept."""
        rows = self._file.rows(
            "SELECT version, claims FROM claims WHERE reader = ?", (self._reader,)
        )
        try:
            return {version: _unpack(claims) for version, claims in rows}
        except (ValueError, TypeError):
            return {}

    def add(self, claims: Mapping[bytes, Sequence[Claim]]) -> None:
        """Keep more, if that is possible."""
        self._file.write(
            "INSERT OR REPLACE INTO claims VALUES (?, ?, ?)",
            [(version, self._reader, _pack(found)) for version, found in claims.items()],
        )


def _pack(claims: Sequence[Claim]) -> bytes:
    return orjson.dumps([one.pack() for one in claims]) if claims else b""


def _unpack(data: bytes) -> Claims:
    return tuple(Claim.unpack(one) for one in orjson.loads(data)) if data else ()
