"""What the parts of one crawl share: the order, the archive, and what has happened so far."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scrapy.utils.defer import deferred_from_coro

from archive.archive import Archive
from archive.capture import Outcome
from archive.errors import YangeError
from archive.locations import NotALocationError, location_key
from archive.reading import Reader
from archive.recording import Recorded
from archive.runs import Stop
from crawler.order import Order

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

# A run in which every page fails says so once, not ten thousand times.
_MOST_PROBLEMS = 100


class Session:
    """One crawl under way. Whatever ends it early is noted here, and here alone."""

    def __init__(self, order: Order, archive: Archive, reader: Reader) -> None:
        self.order = order
        self.archive = archive
        self.reader = reader
        self.fence = order.settings.fence
        self.stop: Stop | None = None
        self.error: YangeError | None = None
        self.has_shortfalls = False
        """Whether something that belonged to the work, and is no capture, could not be had."""
        self.pages = 0
        self.faults = 0
        """Captures that could not be recorded through an error of the program."""
        self.new = 0
        self.changed = 0
        self._odd: Counter[tuple[Outcome, str]] = Counter()
        self._first: dict[tuple[Outcome, str], tuple[str, int | None]] = {}
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

    def refusal(self, url: str) -> str | None:
        """Why an address may not be asked, in a few words; None if it may."""
        try:
            location_key(url)
        except NotALocationError as error:
            return str(error)
        return self.fence.refusal(url)

    def note_problem(self, sentence: str) -> None:
        """Something that whoever reads the run's figures should know."""
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems[sentence] = None

    def note_odd(self, recorded: Recorded, url: str) -> None:
        """A page that failed, was blocked or is suspect."""
        kind = recorded.outcome, recorded.reason
        self._odd[kind] += 1
        self._first.setdefault(kind, (url, recorded.evidence))

    def problems(self) -> list[str]:
        """Everything noted, in sentences; like ones together with the first of them."""
        told = list(self._problems)
        for (outcome, reason), count in self._odd.most_common(_MOST_PROBLEMS):
            first, evidence = self._first[outcome, reason]
            pages = f"{first}" if count == 1 else f"{count} pages, the first of them {first}"
            look = "" if evidence is None else _how_to_look(outcome, evidence)
            if evidence is not None and count > 1:
                run = f"--run {self.archive.run_id} --outcome {outcome.value}"
                look += f"; `yange captures {run}` lists all"
            told.append(f"{outcome.value}: {reason or 'no reason given'}: {pages}{look}")
        return told


def _how_to_look(outcome: Outcome, capture: int) -> str:
    """What a person can do about a page whose bytes were kept."""
    look = f"; `yange captures --text {capture}` shows what stands there"
    if outcome is Outcome.SUSPECT:
        look += f", and if it is the document, `yange accept {capture}` says so"
    return look
