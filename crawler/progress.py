"""Progress of a crawl or a walk on a terminal; silent elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from rich.console import Console
from rich.progress import Progress as ProgressBar
from rich.progress import ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text
from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Progress(NamedTuple):
    """How far a spider has come: pages so far, and its other figures in words."""

    pages: int
    figures: str


class Watched(Protocol):
    """A spider whose progress can be watched."""

    @property
    def title(self) -> str:
        """What is going on, in a word or two."""

    @property
    def progress(self) -> Progress:
        """How far it has come."""


class ProgressLine:
    """Scrapy extension: one line with the spider's figures and the rate."""

    def __init__(self, crawler: Crawler) -> None:
        if not sys.stderr.isatty():
            raise NotConfigured
        self._bar = ProgressBar(
            SpinnerColumn(),
            TextColumn(
                "{task.description}  {task.completed:.0f} pages  {task.fields[figures]}",
                markup=False,
            ),
            _Rate(),
            console=Console(stderr=True),
            transient=True,
        )
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._moved_on, signals.item_scraped)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making it."""
        return cls(crawler)

    def _opened(self, spider: Watched) -> None:
        self._task = self._bar.add_task(spider.title, total=None, figures=spider.progress.figures)
        self._bar.start()

    def _moved_on(self, spider: Watched) -> None:
        pages, figures = spider.progress
        self._bar.update(self._task, completed=pages, figures=figures)

    def _closed(self) -> None:
        self._bar.stop()


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.completed / task.elapsed:.1f}/s" if task.elapsed else "")
