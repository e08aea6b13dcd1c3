"""An archive as a WACZ file, version 1.1.1: a WARC file with an index and a list of its pages.

https://specs.webrecorder.net/wacz/1.1.1/ says what stands in it.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import IO, BinaryIO
from uuid import NAMESPACE_URL, uuid5
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import orjson

from archive.export.holdings import Holdings
from archive.export.records import Records, Written, as_uri
from archive.export.surt import surt
from archive.export.warc import SOFTWARE, instant, write_warc

WARC = "archive/data.warc.gz"
_INDEX, _BLOCKS, _PAGES = "indexes/index.idx", "indexes/index.cdx.gz", "pages/pages.jsonl"
_PACKAGE, _DIGEST = "datapackage.json", "datapackage-digest.json"
_VERSION = "1.1.1"
# Lines of the index in one compressed block; what others use.
_BLOCK_LINES = 300


def write_wacz(holdings: Holdings, file: BinaryIO) -> Records:
    """Write `holdings` to `file`; what was written into the WARC file in it."""
    with ZipFile(file, "w") as package, closing(sqlite3.connect("", isolation_level=None)) as index:
        wacz = _Package(package)
        # Sorted by SQLite, which goes to a file where memory does not suffice.
        index.execute("PRAGMA journal_mode = OFF")
        index.execute("CREATE TABLE lines (key, date, number INTEGER PRIMARY KEY, line)")

        def note(written: Written) -> None:
            index.execute("INSERT INTO lines VALUES (?, ?, NULL, ?)", _line(written))

        with wacz.entry(WARC, ZIP_STORED) as out:
            records = write_warc(holdings, out, note)
        _write_index(wacz, index)
        with wacz.entry(_PAGES, ZIP_DEFLATED) as out:
            for line in _pages(holdings):
                out.write(orjson.dumps(line) + b"\n")
        wacz.finish(holdings)
    return records


class _Package:
    """A WACZ on its way: its entries, and what the package's description says of each."""

    def __init__(self, package: ZipFile) -> None:
        self._package = package
        self._resources: list[dict[str, object]] = []
        self._now = datetime.now(UTC)

    @contextmanager
    def entry(self, path: str, compression: int) -> Iterator[_Hashed]:
        """An entry to write into."""
        with self._open(path, compression) as out:
            hashed = _Hashed(out)
            yield hashed
        self._resources.append(
            {
                "name": path.rpartition("/")[2],
                "path": path,
                "hash": f"sha256:{hashed.digest}",
                "bytes": hashed.size,
            }
        )

    def finish(self, holdings: Holdings) -> None:
        """Write the package's description, and its digest."""
        length, head = holdings.ledger
        description = orjson.dumps(
            {
                "profile": "data-package",
                "wacz_version": _VERSION,
                "title": "An archive of yange"
                if holdings.is_whole
                else "Documents chosen from an archive of yange",
                "created": self._now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "software": SOFTWARE,
                "ledgerLength": length,
                "ledgerHead": head,
                "resources": self._resources,
            },
            option=orjson.OPT_INDENT_2,
        )
        with self._open(_PACKAGE, ZIP_DEFLATED) as out:
            out.write(description)
        digest = {"path": _PACKAGE, "hash": f"sha256:{sha256(description).hexdigest()}"}
        with self._open(_DIGEST, ZIP_DEFLATED) as out:
            out.write(orjson.dumps(digest, option=orjson.OPT_INDENT_2))

    def _open(self, path: str, compression: int) -> IO[bytes]:
        info = ZipInfo(path, self._now.timetuple()[:6])
        info.compress_type = compression
        # Whatever the writer's umask; without it, unpacked files could not be read.
        info.external_attr = 0o644 << 16
        return self._package.open(info, "w", force_zip64=True)


class _Hashed:
    """An entry that is hashed while it is written."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._hash = sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()


def _line(written: Written) -> tuple[str, str, str]:
    """A record in the index: its address as a key, its time, and the rest as JSON."""
    value = {
        "url": written.url,
        "mime": written.media_type.partition(";")[0].strip(),
        "status": str(written.status) if written.status is not None else None,
        "digest": written.digest,
        "length": str(written.length),
        "offset": str(written.offset),
        "filename": WARC.rpartition("/")[2],
    }
    date = "".join(character for character in written.date if character.isdigit())
    stated = {name: one for name, one in value.items() if one}
    return surt(written.url), date, orjson.dumps(stated).decode()


def _write_index(wacz: _Package, index: sqlite3.Connection) -> None:
    """The sorted index in compressed blocks, and an index of the blocks."""
    cursor = index.execute("SELECT key, date, line FROM lines ORDER BY key, date, number")
    heads = [b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']
    offset = 0
    with wacz.entry(_BLOCKS, ZIP_STORED) as out:
        while lines := cursor.fetchmany(_BLOCK_LINES):
            compressor = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
            text = "".join(f"{key} {date} {line}\n" for key, date, line in lines)
            block = compressor.compress(text.encode()) + compressor.flush()
            out.write(block)
            place = {
                "offset": offset,
                "length": len(block),
                "digest": f"sha256:{sha256(block).hexdigest()}",
            }
            heads.append(f"{lines[0][0]} {lines[0][1]} ".encode() + orjson.dumps(place) + b"\n")
            offset += len(block)
    with wacz.entry(_INDEX, ZIP_DEFLATED) as out:
        out.write(b"".join(heads))


def _pages(holdings: Holdings) -> Iterator[dict[str, str]]:
    """The pages that a reader can begin with: every version of every document."""
    yield {"format": "json-pages-1.0", "id": "pages", "title": "Versions of documents"}
    for standing in holdings.standing():
        for version in holdings.versions_until(standing):
            url = as_uri(holdings.address(version))
            date = instant(version.at_ms)
            yield {
                "id": str(uuid5(NAMESPACE_URL, f"{date} {url}")),
                "url": url,
                "ts": date,
                "title": version.fields.title,
            }
