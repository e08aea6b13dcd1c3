"""What different stores make of the same pages: how large they become, and how long they take."""

from __future__ import annotations

import gzip
import lzma
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Protocol

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.archive import Archive
from archive.bodies import read_body
from archive.capture import Capture, Outcome
from archive.database import open_for_reading
from archive.reading import Reader
from archive.runs import RunOutcome
from bench.corpus import Page
from crawler.reading.reader import PageReader

_PORTAL = "bench"
_HEADERS = {"content-type": "text/html; charset=utf-8"}
# So much of the corpus xz can look back on; more takes gigabytes of memory.
_XZ = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 64 * 1024 * 1024}]


class Kept(NamedTuple):
    """A store after a sweep: bytes of all its pages so far, and seconds that this sweep took."""

    bytes: int
    seconds: float


class Store(Protocol):
    """Somewhere to put the pages of one sweep after another, and to get them back."""

    name: str

    def keep(self, pages: Sequence[Page]) -> Kept:
        """Put the pages of a sweep; what the store is like then."""

    def read(self) -> Iterator[bytes]:
        """All pages that were put, in any order."""


class Readers:
    """The built-in reader, whatever the portal."""

    def __init__(self) -> None:
        self._reader = PageReader()

    def current(self, _portal: str) -> Reader:
        """The reader."""
        return self._reader

    def restore(self, _name: str, _settings: str) -> Reader | None:
        """The reader."""
        return self._reader


class Yange:
    """An archive, packed after each sweep; `crawled` is what each crawl by itself added to it."""

    name = "yange, after compact"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "archive.db"
        self._at = datetime(2026, 1, 1, tzinfo=UTC)
        self.crawled: list[Kept] = []

    def keep(self, pages: Sequence[Page]) -> Kept:
        """Record the pages, whose readings are made beforehand."""
        readers = Readers()
        reader = readers.current(_PORTAL)
        self._at += timedelta(days=1)
        seconds, before = 0.0, self._stored() if self.path.exists() else 0
        with Archive.open(self.path, readers) as archive:
            archive.begin_run(_PORTAL, "sweep")
            for number, page in enumerate(pages):
                reading = reader.read(page.body, url=page.url)
                capture = Capture(
                    url=page.url,
                    at=self._at + timedelta(seconds=number),
                    outcome=Outcome.DOCUMENT,
                    status=200,
                    headers=_HEADERS,
                    body=page.body,
                    reading=reading,
                )
                with _timed() as spent:
                    archive.record(capture)
                seconds += spent[0]
            archive.finish_run(RunOutcome.FINISHED)
            self.crawled.append(Kept(self._stored() - before, seconds))
            with _timed() as spent:
                archive.compact(lambda *_: None)
        return Kept(self._stored(), spent[0])

    def read(self) -> Iterator[bytes]:
        """All bodies, each hashed again."""
        with closing(open_for_reading(self.path)) as connection:
            for (body_id,) in connection.execute("SELECT id FROM bodies"):
                yield read_body(connection, body_id)

    def tables(self) -> dict[str, int]:
        """Bytes of the file by table, its indexes included."""
        with closing(open_for_reading(self.path)) as connection:
            rows = connection.execute(
                """SELECT coalesce(tbl_name, dbstat.name), sum(pgsize) FROM dbstat
                   LEFT JOIN sqlite_master ON sqlite_master.name = dbstat.name GROUP BY 1"""
            )
            return dict(rows.fetchall())

    def confirm(self, pages: Sequence[Page]) -> None:
        """Record that each of the pages is what it was."""
        self._at += timedelta(days=1)
        with Archive.open(self.path, Readers()) as archive:
            archive.begin_run(_PORTAL, "sweep")
            for number, page in enumerate(pages):
                at = self._at + timedelta(seconds=number)
                archive.record(
                    Capture(url=page.url, at=at, outcome=Outcome.UNCHANGED, status=304, headers={})
                )
            archive.finish_run(RunOutcome.FINISHED)

    def _stored(self) -> int:
        with closing(open_for_reading(self.path)) as connection:
            row = connection.execute(
                """SELECT (SELECT sum(length(data)) FROM encodings)
                        + (SELECT sum(length(data)) FROM dictionaries)"""
            ).fetchone()
            return int(row[0])


class Warc:
    """One .warc.gz a sweep, as crawlers write it."""

    name = ".warc.gz"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []

    def keep(self, pages: Sequence[Page]) -> Kept:
        """Write a file."""
        self._files.append(self._folder / f"{len(self._files)}.warc.gz")
        with _timed() as spent, self._files[-1].open("wb") as file:
            writer = WARCWriter(file, gzip=True)
            for page in pages:
                headers = StatusAndHeaders("200 OK", [*_HEADERS.items()], protocol="HTTP/1.1")
                writer.write_record(
                    writer.create_warc_record(
                        page.url, "response", payload=BytesIO(page.body), http_headers=headers
                    )
                )
        return Kept(sum(file.stat().st_size for file in self._files), spent[0])

    def read(self) -> Iterator[bytes]:
        """The payload of every record."""
        for path in self._files:
            with path.open("rb") as file:
                for record in ArchiveIterator(file):
                    yield record.content_stream().read()


class Git:
    """A commit a sweep, then `git gc`."""

    name = "git, after gc"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "git"
        self._sweeps = 0
        self._git("init", "--quiet", "--bare", str(self._folder))

    def keep(self, pages: Sequence[Page]) -> Kept:
        """Commit the pages and collect garbage."""
        with _timed() as spent:
            self._git("fast-import", "--quiet", stdin=b"".join(self._commit(pages)))
            self._git("gc", "--quiet")
        packs = (self._folder / "objects").rglob("*")
        return Kept(sum(path.stat().st_size for path in packs if path.is_file()), spent[0])

    def _commit(self, pages: Sequence[Page]) -> Iterator[bytes]:
        self._sweeps += 1
        yield b"commit refs/heads/main\n"
        yield b"committer yange <archive@example.org> %d +0000\n" % (1_700_000_000 + self._sweeps)
        yield b"data 0\n"
        if self._sweeps > 1:
            yield b"from refs/heads/main^0\n"
        for page in pages:
            yield f"M 100644 inline {page.url.partition('//')[2]}\n".encode()
            yield b"data %d\n" % len(page.body)
            yield page.body + b"\n"

    def read(self) -> Iterator[bytes]:
        """Every blob."""
        said = self._git(
            "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
        )
        blobs = [line.split()[0] for line in said.splitlines() if line.endswith(b"blob")]
        output = BytesIO(self._git("cat-file", "--batch", stdin=b"\n".join(blobs) + b"\n"))
        for _ in blobs:
            size = int(output.readline().split()[2])
            yield output.read(size)
            output.read(1)

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        where = self._folder if self._folder.exists() else self._folder.parent
        return subprocess.run(  # noqa: S603 our own command
            ["git", *arguments],  # noqa: S607 whichever git there is
            cwd=where,
            input=stdin,
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        ).stdout


class Gzip:
    """Each page gzipped by itself."""

    name = "gzip of each page"

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def keep(self, pages: Sequence[Page]) -> Kept:
        """Compress each page."""
        with _timed() as spent:
            self._kept += [gzip.compress(page.body, mtime=0) for page in pages]
        return Kept(sum(map(len, self._kept)), spent[0])

    def read(self) -> Iterator[bytes]:
        """Each page."""
        return map(gzip.decompress, self._kept)


class Limit:
    """xz over everything at once, a document's versions side by side: nothing to be read singly."""

    name = "xz of everything"

    def __init__(self) -> None:
        self._pages: list[Page] = []
        self._packed = b""

    def keep(self, pages: Sequence[Page]) -> Kept:
        """Compress all pages so far, sites together."""
        self._pages = sorted([*self._pages, *pages], key=lambda page: page.url)
        with _timed() as spent:
            self._packed = lzma.compress(b"".join(page.body for page in self._pages), filters=_XZ)
        return Kept(len(self._packed), spent[0])

    def read(self) -> Iterator[bytes]:
        """All pages in one piece."""
        yield lzma.decompress(self._packed)


@contextmanager
def _timed() -> Iterator[list[float]]:
    """The seconds that pass, as the only item of a list."""
    spent: list[float] = []
    began = time.monotonic()
    yield spent
    spent.append(time.monotonic() - began)
