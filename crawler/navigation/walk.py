"""A walk through a portal's navigation that records nothing: for `yange columns`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.errors import YangeError
from archive.reading import Reader
from crawler.middlewares.refusals import RunEnding
from crawler.navigation.survey import Column, Entry, Step, Survey, survey_request
from crawler.progress import Progress
from crawler.scrapy_settings import scrapy_settings
from crawler.settings import PortalSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkOrder:
    """One walk through one portal, from `entries`, asking for `limit` pages at most."""

    portal: str
    settings: PortalSettings
    entries: Sequence[Entry]
    limit: int
    reader: Reader
    contact: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class WalkReport:
    """What a walk found. `shortfalls` say in sentences why there may be more; `()` for no reason.

    `asked` counts the pages that were asked for, robots.txt not among them.
    """

    columns: tuple[Column, ...]
    asked: int
    shortfalls: tuple[str, ...]


def walk(order: WalkOrder) -> WalkReport:
    """Carry out `order` in this process; once a process, since the reactor starts only once.

    Raises YangeError where no entry could be read, or where the program itself is at fault.
    """
    survey = Survey(
        order.entries, fence=order.settings.fence, reader=order.reader, limit=order.limit
    )
    settings = scrapy_settings(order.settings, contact=order.contact, version=order.version)
    settings["EXTENSIONS"] |= {"crawler.progress.ProgressLine": 500}
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(NavigationSpider)
    process.crawl(crawler, survey=survey, portal=order.portal)
    process.start()
    stats = crawler.stats.get_stats() if crawler.stats else {}
    if stats.get("spider_exceptions/count"):
        raise YangeError("pages could not be processed through a fault of yange's; see the log")
    interrupted = stats.get("finish_reason") != "finished"
    if not survey.answered and not interrupted:
        raise YangeError(_unreachable(survey))
    shortfalls = list(survey.shortfalls())
    if interrupted:
        shortfalls.append("stopped early: the walk was asked to end")
    return WalkReport(tuple(survey.columns), survey.asked, tuple(shortfalls))


def _unreachable(survey: Survey) -> str:
    told = "; ".join(f"{url}: {reason}" for url, reason in survey.failures)
    return f"there is no page to begin with: {told or 'no entry could be read'}"


class NavigationSpider(Spider):
    """Fetches what a survey asks for."""

    name = "navigation"

    def __init__(self, survey: Survey, portal: str) -> None:
        super().__init__()
        self._survey = survey
        self.title = f"{portal} columns"

    @property
    def progress(self) -> Progress:
        """How far the walk has come."""
        survey = self._survey
        return Progress(
            survey.asked, f"{len(survey.columns)} columns  {len(survey.failures)} failed"
        )

    async def start(self) -> AsyncIterator[Any]:
        """The entries."""
        for request in self._requests():
            yield request

    def _requests(self) -> Iterator[Request]:
        for step in self._survey.steps():
            yield survey_request(step, self._read, self._failed)

    def _read(self, response: Response, step: Step) -> Iterator[Request | Step]:
        self._survey.read(step, response)
        yield step
        yield from self._requests()

    def _failed(self, failure: Failure) -> Iterator[Request | Step]:
        assert failure.value is not None
        if isinstance(failure.value, RunEnding):
            return
        step: Step = failure.request.cb_kwargs["step"]  # type: ignore[attr-defined]
        self._survey.fail(step, failure.value)
        yield step
        yield from self._requests()
