"""What the parts of one crawl share: the order, the archive, and what has happened so far."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from scrapy.utils.defer import deferred_from_coro

from archive import Archive
from archive.capture import Outcome
from archive.errors import YangeError
from archive.reading import Reader
from crawler.order import Order

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

# A run in which every page fails says so once, not ten thousand times.
_MOST_PROBLEMS = 100


class Stop(StrEnum):
    """Why a crawl was stopped before its work was done; Scrapy is given it as its reason."""

    BLOCKED = "mostly_blocked"
    WINDOW = "window_closed"
    ARCHIVE = "archive_failed"


class Session:
    """One crawl under way. Whatever ends it early is noted here, and here alone."""

    def __init__(self, order: Order, archive: Archive, reader: Reader) -> None:
        self.order = order
        self.archive = archive
        self.reader = reader
        self.fence = order.settings.fence
        self.stop: Stop | None = None
        self.error: YangeError | None = None
        self.pages = 0
        self.faults = 0
        """Captures that could not be recorded through an error of the program."""
        self.new = 0
        self.changed = 0
        self._odd: Counter[tuple[Outcome, str]] = Counter()
        self._first: dict[tuple[Outcome, str], str] = {}
        self._problems: dict[str, None] = {}

    def end(self, crawler: Crawler, stop: Stop) -> None:
        """Stop the crawl; the first reason counts."""
        if self.stop is None:
            self.stop = stop
            assert crawler.engine is not None
            deferred_from_coro(crawler.engine.close_spider_async(reason=stop.value))

    def fail(self, crawler: Crawler, error: YangeError) -> None:
        """Stop the crawl because the archive cannot go on."""
        self.error = self.error or error
        self.end(crawler, Stop.ARCHIVE)

    @property
    def failed(self) -> int:
        """Pages that failed, were blocked or are suspect so far."""
        return sum(self._odd.values())

    def note_problem(self, sentence: str) -> None:
        """Something that whoever reads the run's figures should know."""
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems[sentence] = None

    def note_odd(self, outcome: Outcome, reason: str, url: str) -> None:
        """A page that failed, was blocked or is suspect."""
        self._odd[outcome, reason] += 1
        self._first.setdefault((outcome, reason), url)

    def problems(self) -> list[str]:
        """Everything noted, in sentences; like ones together with the first of them."""
        told = list(self._problems)
        for (outcome, reason), count in self._odd.most_common(_MOST_PROBLEMS):
            first = self._first[outcome, reason]
            pages = f"{first}" if count == 1 else f"{count} pages, the first of them {first}"
            told.append(f"{outcome.value}: {reason or 'no reason given'}: {pages}")
        return told
