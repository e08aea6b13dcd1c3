"""Two months of the replica portal in an archive: a reading room as it looks when it is lived in.

What happened on earlier days is put into the archive page by page, at the times of those days; the
last run is a real crawl, on which the portal has faults. The runs of earlier days get their dates
afterwards, so that their seals no longer hold; those of the last two are what they were.
"""

import re
import sqlite3
import urllib.request
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from support.yange import INCOMPLETE, Yange

from archive.archive import Archive
from archive.capture import Capture, ColumnVisit, KeptFile, ListedRow, Outcome
from archive.instants import to_ms
from archive.reading import Nature
from archive.runs import RunOutcome
from crawler.replica.documents import columns, documents
from crawler.replica.replica import Replica
from crawler.replica.server import Answer
from scheduler.configuration import load
from scheduler.readers import Readers

SHANGHAI = ZoneInfo("Asia/Shanghai")
PORTAL = "replica"
DAYS = 58
REPEALED, AMENDED, REDRAFTED = (
    documents()[key].index_number for key in ("lift-rules", "talent-housing", "parking-draft")
)
"""A document that was repealed yesterday, one of which a character changed, and one of which
paragraphs went and came."""
EMPTIED = columns()["tzgg"]
"""The column that showed nothing on the last run."""
# How many days ago the changes of the busy day were seen, in as many parts; the repeal came last.
_SEEN = (41, 30, 22, 13, 12, 6, 1)
_ROWS_AND_PAGER = re.compile(r'<li class="clearfix">.*?</li>|<div class="fenye">.*?</div>', re.S)
_BROKEN = ("zxgh", "jcygk")


class Past:
    """The archive, as `yange`, and the portal while it is still there."""

    def __init__(self, folder):
        self.replica = Replica()
        self.yange = Yange(folder, self)
        self._runs = {}

    def configuration(self, archive):
        return self.replica.configuration(
            archive, timetable={"discover": "*/30 * * * *", "sweep": "0 2 * * *"}
        )

    def live(self):
        """Let the two months pass."""
        with self.replica:
            published = self._pages("published")
            self._day(DAYS, published, mode="sweep", visits=True)
            amended = self._changed(published, self._pages("amended"))
            repealed = [page for page in amended if REPEALED.encode() in page[1]]
            others = [page for page in amended if page not in repealed]
            parts = dict(zip(_SEEN, [*_split(others, len(_SEEN) - 1), repealed], strict=True))
            for ago in range(DAYS - 1, 0, -1):
                self._day(ago, parts.get(ago, []), visits=ago % 2 == 1, trouble=ago in (47, 19))
            self.replica.move_to("amended")
            self._break()
            self.run = self.yange.crawl(mode="sweep", status=INCOMPLETE)
            self._date()
        # So that what is concluded is there at once, however busy the machine is.
        self.yange.read("conflicts")

    def _pages(self, epoch):
        """Every page of a document in that epoch: its address, its bytes, its type."""
        self.replica.move_to(epoch)
        urls = [url for one in self.replica.expected_documents(epoch) for url in one["urls"]]
        return [(url, *_get(url)) for url in urls]

    def _changed(self, before, after):
        """The pages that read otherwise than before."""
        known = {url: self._read(url, body, kind) for url, body, kind in before}
        return [
            (url, body, kind)
            for url, body, kind in after
            if _said(self._read(url, body, kind)) != _said(known.get(url))
        ]

    def _read(self, url, body, kind):
        return self._reader.read(body, url=url, content_type=kind)

    @property
    def _reader(self):
        return self._readers.current(PORTAL)

    @property
    def _readers(self):
        if not hasattr(self, "_made"):
            self._made = Readers(load(self.yange.configuration).settings)
        return self._made

    def _day(self, ago, pages, *, mode="discover", visits=False, trouble=False):
        """A run of that many days ago, on which these pages were seen."""
        at = datetime.combine(
            datetime.now(SHANGHAI).date() - timedelta(days=ago), time(20), SHANGHAI
        )
        with Archive.open(self.yange.archive, self._readers) as archive:
            run = archive.begin_run(PORTAL, mode, job=f"{PORTAL}/{mode}")
            if visits:
                for column, url in zip(columns().values(), self.replica.columns, strict=True):
                    rows = (
                        sum(
                            location.column == column.key
                            for one in documents().values()
                            for location in one.locations
                        )
                        - ago // 20
                    )
                    archive.note_rows(
                        url, [ListedRow(page[0], "") for page in pages if _is_in(page[0], url)]
                    )
                    archive.note_visit(
                        ColumnVisit(
                            column=url,
                            pages=2,
                            rows=max(rows, 1),
                            first_page_rows=min(max(rows, 1), column.rows),
                            new_rows=0,
                            reached_end=True,
                        )
                    )
            for place, (url, body, kind) in enumerate(pages):
                self._see(archive, url, body, kind, at + timedelta(seconds=7 * place))
            problems = ("the list was answered with 503 three times",) if trouble else ()
            outcome = RunOutcome.INCOMPLETE if trouble else RunOutcome.FINISHED
            archive.finish_run(
                outcome, requests=len(pages) + 12, received=180_000, problems=problems
            )
        if ago > 1:
            self._runs[run] = (at, at + timedelta(seconds=40 + 4 * len(pages)))

    def _see(self, archive, url, body, kind, at):
        reading = self._read(url, body, kind)
        assert reading.nature is Nature.DOCUMENT, url
        files = [self._file(archive, one) for one in reading.attachments]
        archive.record(
            Capture(
                url=url,
                at=at,
                outcome=Outcome.DOCUMENT,
                status=200,
                headers={"content-type": kind},
                body=body,
                reading=reading,
                attachments=tuple(files),
            )
        )

    def _file(self, archive, linked):
        if urlsplit(linked.url).port != self.replica.port:
            return KeptFile(linked.name, linked.url, None, reason="outside")
        body, kind = _get(linked.url)
        return replace(
            archive.keep_file(linked.url, body, {"content-type": kind}), name=linked.name
        )

    def _break(self):
        """One column shows an empty list, and two documents cannot be had."""
        address = self.replica.columns[list(columns()).index("tzgg")]
        page, _ = _get(address)
        empty = _ROWS_AND_PAGER.sub("", page.decode())
        self.replica.fault(urlsplit(address).path, Answer.html(empty))
        for key in _BROKEN:
            column = columns()[key]
            one = next(
                location
                for document in documents().values()
                for location in document.locations
                if location.column == key
            )
            self.replica.fault(column.path_of(one.article), Answer.html("<h1>503</h1>", status=503))

    def _date(self):
        with closing(sqlite3.connect(self.yange.archive)) as connection, connection:
            for run, (started, finished) in self._runs.items():
                connection.execute(
                    "UPDATE runs SET started_ms = ?, finished_ms = ? WHERE id = ?",
                    (to_ms(started), to_ms(finished), run),
                )
            connection.execute(
                """UPDATE documents SET first_seen_ms =
                   (SELECT min(at_ms) FROM changes WHERE document_id = documents.id)"""
            )


def _is_in(page, column):
    return page.startswith(column.removesuffix("index.html"))


def _said(reading):
    return reading and (reading.fields, reading.text, reading.attachments)


def _split(pages, parts):
    return [pages[place::parts] for place in range(parts)]


def _get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read(), answer.headers.get("Content-Type", "")
