"""Keeps every request inside the fence: pages, redirect targets, attachments, robots.txt.

Two components, because a name and the address behind it are known at different times.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import CannotResolveHostError

from crawler.fence import Fence, origin_of
from crawler.middlewares.refusals import OutsideFence
from crawler.resolver import FencedResolver

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)


class FenceMiddleware:
    """Drops a request whose address lies outside the fence, with the error OutsideFence.

    It comes first of all middlewares. Redirects are requests of their own and pass here again.
    """

    def __init__(self, fence: Fence, stats: StatsCollector) -> None:
        self._fence = fence
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings["YANGE_FENCE"], crawler.stats)

    async def process_request(self, request: Request) -> None:
        if reason := self._fence.refusal(request.url):
            logger.debug("Outside the fence: %s (%s)", request.url, reason)
            self._stats.inc_value("yange/outside_fence")
            raise OutsideFence(reason)
        # Every request anew: a redirect inherits the slot, and with it the delay, of the host it
        # comes from, and two spellings of one host would have a slot each.
        request.meta["download_slot"] = origin_of(request.url).host


class AddressMiddleware:
    """Turns a resolver's refusal into OutsideFence.

    It stands behind Scrapy's RetryMiddleware, which would take the refusal for a passing failure
    of the name service.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    async def process_exception(self, request: Request, exception: Exception) -> None:
        if not isinstance(exception, CannotResolveHostError):
            return
        from twisted.internet import reactor

        resolver = getattr(reactor, "nameResolver", None)
        assert isinstance(resolver, FencedResolver)
        if reason := resolver.refusals.get(origin_of(request.url).host):
            self._stats.inc_value("yange/outside_fence")
            raise OutsideFence(reason) from exception
