"""What the parts of one crawl share: the order, whoever keeps what is found, and what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.utils.defer import deferred_from_coro

from archive.account import Account
from archive.errors import YangeError
from archive.locations import NotALocationError, location_key
from archive.reading import Reader
from archive.runs import Stop
from crawler.keeper import Keeper
from crawler.order import Order
from crawler.permit import ALWAYS, Permit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Session:
    """One crawl under way. Whatever ends it early is noted here, and here alone."""

    def __init__(
        self,
        order: Order,
        keeper: Keeper,
        reader: Reader,
        account: Account,
        permit: Permit = ALWAYS,
    ) -> None:
        self.order = order
        self.keeper = keeper
        self.reader = reader
        self.account = account
        self.permit = permit
        self.fence = order.settings.fence
        self.error: YangeError | None = None
        self.has_shortfalls = False
        """Whether something that belonged to the work, and is no capture, could not be had."""
        self.faults = 0
        """Captures that could not be recorded through an error of the program."""

    def end(self, crawler: Crawler, stop: Stop) -> None:
        """Stop the crawl; the first reason counts."""
        if self.account.end(stop):
            assert crawler.engine is not None
            deferred_from_coro(crawler.engine.close_spider_async(reason=stop.value))

    def fail(self, crawler: Crawler, error: YangeError) -> None:
        """Stop the crawl because its keeper cannot go on, or it may not."""
        self.error = self.error or error
        self.end(crawler, Stop.ARCHIVE)

    @property
    def stop(self) -> Stop | None:
        """Why the crawl was stopped, if it was."""
        return self.account.stop

    def refusal(self, url: str) -> str | None:
        """Why an address may not be asked, in a few words; None if it may."""
        try:
            location_key(url)
        except NotALocationError as error:
            return str(error)
        return self.fence.refusal(url)

    def note_problem(self, sentence: str) -> None:
        """Something that whoever reads the run's figures should know."""
        self.account.note_problem(sentence)
