"""The queue of what is still to be asked: a host that is busy keeps nobody else waiting."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scrapy.pqueues import DownloaderAwarePriorityQueue

if TYPE_CHECKING:
    from scrapy import Request


class HostQueue(DownloaderAwarePriorityQueue):
    """Hands out no more requests of a host than may be under way at it.

    Scrapy's own queue hands over whatever the downloader has room for. The requests of one host
    that is slow, held back or waiting for its robots.txt then fill that room, and every other host
    stands still with it. Handed out late, requests also keep their order and are quick to drop.
    """

    def pop(self) -> Request | None:
        """The next request of the host with the least under way; None while all are busy."""
        busy = self._busy()
        kept_back = {host: self.pqueues.pop(host) for host in list(self.pqueues) if host in busy}
        try:
            return super().pop()
        finally:
            self.pqueues.update(kept_back)

    def _busy(self) -> set[str]:
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        # Not the slots' own count, which leaves out what a middleware is still waiting with.
        under_way = Counter(downloader.get_slot_key(request) for request in downloader.active)
        room = downloader.domain_concurrency
        return {host for host, requests in under_way.items() if requests >= room}
