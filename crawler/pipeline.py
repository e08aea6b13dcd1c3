"""The pipeline: hands what the spider yields on to the archive, and watches what becomes of it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Self

import structlog
from scrapy import signals

from archive.capture import Capture, ColumnVisit, Outcome
from archive.errors import YangeError
from archive.recording import Recorded
from archive.runs import Stop

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spider import PortalSpider

_log = structlog.get_logger(__name__)

# R11: more than three quarters of the last so many documents' pages.
_WINDOW = 20
_MOST_ODD = 15
_ODD = frozenset({Outcome.BLOCKED, Outcome.SUSPECT, Outcome.FAILED})


class ArchivePipeline:
    """Records captures and visits of columns; stops the crawl when going on makes no sense."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._last: deque[bool] = deque(maxlen=_WINDOW)
        crawler.signals.connect(self._fault, signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making it."""
        return cls(crawler)

    def process_item(self, item: Capture | ColumnVisit) -> Capture | ColumnVisit:
        """Record one item. An archive that cannot be written ends the crawl."""
        session = self._spider.session
        if session.error is not None:
            return item
        try:
            if isinstance(item, Capture):
                self._record(item)
            else:
                self._note_visit(item)
        except YangeError as error:
            session.fail(self._crawler, error)
        return item

    def _record(self, capture: Capture) -> None:
        session = self._spider.session
        recorded = session.archive.record(capture)
        session.pages += 1
        odd = recorded.outcome in _ODD
        self._tell(capture, recorded, odd=odd)
        if recorded.version == 1:
            session.new += 1
        elif recorded.version is not None:
            session.changed += 1
        for problem in recorded.problems:
            session.note_problem(f"{capture.url}: {problem}")
        if odd:
            session.note_odd(recorded, capture.url)
        self._last.append(odd)
        if session.stop is None and len(self._last) == _WINDOW and sum(self._last) > _MOST_ODD:
            session.note_problem(
                f"stopped early: {sum(self._last)} of the last {_WINDOW} pages were blocked,"
                " suspect or failed; what is left is for the next run"
            )
            session.end(self._crawler, Stop.BLOCKED)

    def _note_visit(self, visit: ColumnVisit) -> None:
        session = self._spider.session
        problem = session.archive.note_visit(visit)
        if problem is not None:
            session.note_problem(problem)
            _log.warning("column_looks_wrong", column=visit.column, problem=problem)

    def _tell(self, capture: Capture, recorded: Recorded, *, odd: bool) -> None:
        say = _log.warning if odd else _log.info if recorded.version is not None else _log.debug
        say(
            "captured",
            url=capture.url,
            status=capture.status,
            outcome=recorded.outcome.value,
            reason=recorded.reason or None,
            version=recorded.version,
        )

    def _fault(self) -> None:
        """Scrapy logs an unexpected error and goes on; the run must not pass for finished."""
        self._spider.session.faults += 1

    @property
    def _spider(self) -> PortalSpider:
        return self._crawler.spider  # type: ignore[return-value]
