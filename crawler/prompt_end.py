"""Ends a run promptly: what still waits for its turn is dismissed instead of sent.

Scrapy drains its downloader before it closes a spider, which at one request a second, or during a
pause that a host asked for, takes longer than whoever stops the run is willing to wait.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from crawler.middlewares.refusals import RunEnding
from crawler.middlewares.slots import dismiss_waiting

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

# Scrapy announces that a spider has closed, never that it begins to, so that is looked at.
_INTERVAL_SECONDS = 0.5
# A transfer that is under way may take as long as the time-out for pages; whoever stops a run, or
# shuts a machine down, waits for less.
_GRACE_SECONDS = 5.0


class PromptEnd:
    """Scrapy extension: once the spider closes, waiting requests end in RunEnding.

    Transfers under way have a few seconds to finish; then the reactor is stopped without them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._watch = create_looping_call(self._look)
        self._closing_since: float | None = None
        crawler.signals.connect(self._spider_opened, signals.spider_opened)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _spider_opened(self) -> None:
        self._watch.start(_INTERVAL_SECONDS, now=False)

    def _spider_closed(self) -> None:
        if self._watch.running:
            self._watch.stop()

    def _look(self) -> None:
        engine = self._crawler.engine
        if engine is not None and engine._slot is not None and engine._slot.closing is not None:
            dismiss_waiting(self._crawler, RunEnding("the run ended first"))
            self._closing_since = self._closing_since or monotonic()
            if monotonic() - self._closing_since > _GRACE_SECONDS:
                from twisted.internet import reactor

                self._watch.stop()
                reactor.stop()  # type: ignore[misc]
