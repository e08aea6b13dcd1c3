"""What the manners do to Scrapy's downloader slots: one slot a host, with its queue and its delay.

The only place that knows how a slot works.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from twisted.python.failure import Failure

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler

# A slot without any delay never looks at the clock, and could not be held back.
SHORTEST_DELAY = 0.001


def slow_down(crawler: Crawler, host: str, delay: float) -> float:
    """Let at least `delay` seconds pass between requests to `host`; returns the delay in force."""
    downloader = _downloader(crawler)
    # Slots come and go with their use, so the delay has to stand where new ones look for theirs.
    settings = downloader.per_slot_settings.setdefault(host, {})
    usual = crawler.settings.getfloat("DOWNLOAD_DELAY")
    settings["delay"] = max(delay, settings.get("delay", usual))
    if slot := downloader.slots.get(host):
        slot.delay = settings["delay"]
    return float(settings["delay"])


def hold_back(crawler: Crawler, host: str, seconds: float) -> None:
    """Send nothing to `host` for this long. What is waiting waits on; other hosts are not touched.

    A hold already in force is never shortened.
    """
    if slot := _downloader(crawler).slots.get(host):
        slot.delay = max(slot.delay, SHORTEST_DELAY)
        # The next request goes out `delay` after the last one: as if that had been in the future.
        slot.lastseen = max(slot.lastseen, monotonic() + seconds - slot.delay)


def dismiss_waiting(crawler: Crawler, error: Exception, host: str | None = None) -> None:
    """End every request that waits for its turn (at one host, or at all) with `error`."""
    for key, slot in list(_downloader(crawler).slots.items()):
        while host in (None, key) and slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(Failure(error))  # type: ignore[no-untyped-call]


def _downloader(crawler: Crawler) -> Downloader:
    assert crawler.engine is not None
    return crawler.engine.downloader
