"""Ends the crawl when the archive fails in the middle of a callback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from archive.errors import YangeError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.spider import PortalSpider


class ArchiveFailureMiddleware:
    """Scrapy spider middleware: an error of the archive is the run's, not the page's."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_spider_exception(
        self,
        response: Response,  # noqa: ARG002 Scrapy passes it by this name
        exception: Exception,
    ) -> Iterable[object] | None:
        if not isinstance(exception, YangeError):
            return None
        spider: PortalSpider = self._crawler.spider  # type: ignore[assignment]
        spider.session.fail(self._crawler, exception)
        return []
