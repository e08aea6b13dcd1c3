"""Ends a crawl that meets the end of its portal's window (R19)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import call_later

from archive.runs import Stop

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spider import PortalSpider

SETTING = "YANGE_ENDS_AT"


class ClosingTime:
    """Scrapy extension: closes the spider at the instant in the setting, an ISO date-time."""

    def __init__(self, crawler: Crawler) -> None:
        ends_at = crawler.settings.get(SETTING)
        if ends_at is None:
            raise NotConfigured
        self._ends_at = datetime.fromisoformat(ends_at)
        self._crawler = crawler
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making it."""
        return cls(crawler)

    def _opened(self, spider: PortalSpider) -> None:
        left = (self._ends_at - datetime.now(UTC)).total_seconds()
        self._call = call_later(max(left, 0), self._close, spider)

    def _closed(self) -> None:
        self._call.cancel()

    def _close(self, spider: PortalSpider) -> None:
        if spider.session.stop is None:
            spider.session.note_problem("stopped early: the portal's window has closed")
            spider.session.end(self._crawler, Stop.WINDOW)
