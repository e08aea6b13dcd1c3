"""Attachments' texts kept beside the archive, by the SHA-256 of the bytes they were read of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import zstandard

from archive.attachments.formats import READERS
from archive.attachments.text import FileText, Outcome
from archive.conclusions_file import ConclusionsFile

_TABLE = """CREATE TABLE IF NOT EXISTS attachment_texts (
    sha256 BLOB PRIMARY KEY,
    reader TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL,
    text BLOB NOT NULL
) STRICT, WITHOUT ROWID"""
_LEVEL = 3


class TextStore:
    """The texts that the present readers have read; one of a former reader's is not there."""

    def __init__(self, archive: Path) -> None:
        self._file = ConclusionsFile(archive, _TABLE)

    def get(self, sha256: bytes) -> FileText | None:
        """What was read of these bytes, or None."""
        for reader, outcome, note, text in self._file.rows(
            "SELECT reader, outcome, note, text FROM attachment_texts WHERE sha256 = ?", (sha256,)
        ):
            if reader in READERS:
                try:
                    plain = zstandard.ZstdDecompressor().decompress(text).decode()
                    return FileText(Outcome(outcome), reader, plain, note)
                except (zstandard.ZstdError, ValueError):
                    return None
        return None

    def put(self, texts: Mapping[bytes, FileText]) -> None:
        """Keep these, if that is possible."""
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        self._file.write(
            "INSERT OR REPLACE INTO attachment_texts VALUES (?, ?, ?, ?, ?)",
            [
                (
                    sha256,
                    one.reader,
                    one.outcome.value,
                    one.note,
                    compressor.compress(one.text.encode()),
                )
                for sha256, one in texts.items()
            ],
        )
