"""Obeys robots.txt as RFC 9309 has it, in the two points in which Scrapy's own does not.

A robots.txt that cannot be reached forbids the host, and its Crawl-delay is kept to.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http.request import NO_CALLBACK

from crawler.fence import Origin, origin_of
from crawler.middlewares.refusals import (
    AskedToWait,
    ForbiddenByRobots,
    RobotsUnavailable,
    RunEnding,
)
from crawler.middlewares.slots import slow_down

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

PRODUCT_TOKEN = "yange"  # noqa: S105
"""The name by which a robots.txt addresses this crawler (RFC 9309, 2.2.1)."""

# RFC 9309, 2.5: at least the first 500 KiB have to be read.
_READ_BYTES = 500 * 1024
# What is received at all before the answer is dropped; nobody's rules are that long.
_RECEIVED_BYTES = 8 * 1024 * 1024
# RFC 9309, 2.3.1.2: at least five consecutive redirects should be followed.
_REDIRECTS = 5
# In seconds. A longer one would stretch a nightly run beyond its night.
LONGEST_CRAWL_DELAY = 60.0
# Before everything that waits for it.
_PRIORITY = 1000
_OWN = "yange_robots"

_UNREACHABLE = (
    AskedToWait,
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

_ALLOWS_ALL = Protego.parse("")


class RobotsMiddleware:
    """Drops what a host's robots.txt forbids, with ForbiddenByRobots or RobotsUnavailable.

    The file is fetched once per host, port and run; what is asked of the host meanwhile waits.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[Origin, asyncio.Task[Protego]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get(_OWN):
            return
        origin = origin_of(request.url)
        if origin not in self._rules:
            self._rules[origin] = asyncio.create_task(self._fetch(origin, request.url))
        try:
            # Shielded: whoever gives up waiting must not take the file away from the others.
            rules = await asyncio.shield(self._rules[origin])
        except RobotsUnavailable:
            self._crawler.stats.inc_value("yange/robots_unavailable")
            raise
        if not rules.can_fetch(request.url, PRODUCT_TOKEN):
            self._crawler.stats.inc_value("yange/forbidden_by_robots")
            raise ForbiddenByRobots(f"the robots.txt of {origin} forbids it")

    async def _fetch(self, origin: Origin, url: str) -> Protego:
        assert self._crawler.engine is not None
        request = Request(
            urlsplit(url)._replace(path="/robots.txt", query="", fragment="").geturl(),
            callback=NO_CALLBACK,
            priority=_PRIORITY,
            meta={
                _OWN: True,
                "redirect_ttl": _REDIRECTS,
                "download_maxsize": _RECEIVED_BYTES,
            },
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except _UNREACHABLE as error:
            raise RobotsUnavailable(
                f"the robots.txt of {origin} is out of reach: {error}"
            ) from error
        except RunEnding:
            raise
        except IgnoreRequest as error:
            # Redirected in circles or beyond the fence: no rules that could be had (2.3.1.2).
            logger.warning("Going without the robots.txt of %s: %s", origin, error)
            return _ALLOWS_ALL
        rules = self._judge(origin, response)
        self._keep_delay(origin, rules)
        return rules

    def _judge(self, origin: Origin, response: Response) -> Protego:
        """The rules that an answer amounts to (RFC 9309, 2.3.1)."""
        if "dataloss" in response.flags:
            raise RobotsUnavailable(f"the robots.txt of {origin} was cut off")
        # 429 is a client error by its number only: the host answers nobody at this rate.
        if response.status >= 500 or response.status == 429:
            raise RobotsUnavailable(f"the robots.txt of {origin} has status {response.status}")
        if response.status != 200:
            return _ALLOWS_ALL
        return Protego.parse(response.body[:_READ_BYTES].decode("utf-8-sig", errors="ignore"))

    def _keep_delay(self, origin: Origin, rules: Protego) -> None:
        asked = rules.crawl_delay(PRODUCT_TOKEN)
        if not asked:
            return
        if asked > LONGEST_CRAWL_DELAY:
            logger.warning(
                "The robots.txt of %s asks for %.0f seconds between requests; %.0f it is",
                origin,
                asked,
                LONGEST_CRAWL_DELAY,
            )
        delay = slow_down(self._crawler, origin.host, min(asked, LONGEST_CRAWL_DELAY))
        self._crawler.stats.set_value(f"yange/delay/{origin.host}", delay)
