"""Progress of a crawl on a terminal; silent elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text
from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spider import PortalSpider


class CrawlProgress:
    """Scrapy extension: one line with pages, new, changed, failed and the rate."""

    def __init__(self, crawler: Crawler) -> None:
        if not sys.stderr.isatty():
            raise NotConfigured
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn(
                "{task.description}  {task.completed:.0f} pages  {task.fields[new]} new "
                " {task.fields[changed]} changed  {task.fields[failed]} failed"
            ),
            _Rate(),
            console=Console(stderr=True),
            transient=True,
        )
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._scraped, signals.item_scraped)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making it."""
        return cls(crawler)

    def _opened(self, spider: PortalSpider) -> None:
        order = spider.session.order
        self._task = self._bar.add_task(
            f"{order.portal} {order.mode}", total=None, new=0, changed=0, failed=0
        )
        self._bar.start()

    def _scraped(self, spider: PortalSpider) -> None:
        session = spider.session
        self._bar.update(
            self._task,
            completed=session.pages,
            new=session.new,
            changed=session.changed,
            failed=session.failed,
        )

    def _closed(self) -> None:
        self._bar.stop()


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.completed / task.elapsed:.1f}/s" if task.elapsed else "")
