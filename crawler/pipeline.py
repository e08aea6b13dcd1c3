"""The pipeline: hands what the spider yields on to be kept, and watches what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import signals

from archive.capture import Capture, ColumnVisit
from archive.errors import YangeError
from archive.run_log import tell_capture, tell_visit
from archive.runs import Stop

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spider import PortalSpider


class ArchivePipeline:
    """Records captures and visits of columns; stops the crawl when going on makes no sense."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
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
        recorded = session.keeper.record(capture)
        tell_capture(capture, recorded)
        if session.account.take(capture, recorded):
            session.end(self._crawler, Stop.BLOCKED)

    def _note_visit(self, visit: ColumnVisit) -> None:
        session = self._spider.session
        problem = session.keeper.note_visit(visit)
        if problem is not None:
            session.note_problem(problem)
            tell_visit(visit, problem)

    def _fault(self) -> None:
        """Scrapy logs an unexpected error and goes on; the run must not pass for finished."""
        self._spider.session.faults += 1

    @property
    def _spider(self) -> PortalSpider:
        return self._crawler.spider  # type: ignore[return-value]
