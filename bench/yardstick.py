"""The yardstick: a Scrapy spider that fetches every page of the portal and makes nothing of it.

With `--manners` it does so under yange's settings and middlewares: what the manners cost.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.signals import scheduler_empty

from bench.portal import paths
from bench.server import ADDRESS
from bench.settings import CONCURRENCY, CONTACT, portal_settings
from crawler.scrapy_settings import scrapy_settings
from crawler.settings import PortalSettings

# As far ahead as yange makes its own requests: what waits in the queue is not what is measured.
_AHEAD = 64


class BareSpider(Spider):
    """Asks for every page, and counts the answers."""

    name = "bare"

    def __init__(self, port: int, documents: int) -> None:
        super().__init__()
        self._base = f"http://{ADDRESS}:{port}"
        self._documents = documents
        self.received = 0

    async def start(self) -> AsyncIterator[Any]:
        """A request for each page, made as the queue runs empty."""
        for number, path in enumerate(paths(self._documents), start=1):
            yield Request(self._base + path, dont_filter=True)
            if number % _AHEAD == 0:
                await self.crawler.signals.wait_for(scheduler_empty)

    def parse(self, response: Response) -> None:
        """Count a page."""
        self.received += response.status == 200


def _bare_settings() -> dict[str, Any]:
    """Scrapy as it comes, told what yange is told: how many at once, no delay, robots.txt."""
    return {
        "CONCURRENT_REQUESTS": CONCURRENCY,
        "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,
        "ROBOTSTXT_OBEY": True,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "INFO",
    }


def _mannered_settings(port: int) -> dict[str, Any]:
    portal = PortalSettings.model_validate(portal_settings(port))
    return {**scrapy_settings(portal, contact=CONTACT, version="0"), "LOG_ENABLED": False}


def main(port: int, documents: int, *, manners: bool) -> None:
    """Crawl, and print how many pages there were."""
    process = AsyncCrawlerProcess(_mannered_settings(port) if manners else _bare_settings())
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, port=port, documents=documents)
    process.start()
    assert isinstance(crawler.spider, BareSpider)
    print(crawler.spider.received)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), manners="--manners" in sys.argv)
