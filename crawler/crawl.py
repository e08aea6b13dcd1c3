"""One crawl, from the order to its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

# First: as these are loaded, Scrapy has the whole stack of callers described, source lines and all.
# Below the modules of ours that need them the stack is twice as deep.
import scrapy.core.downloader.contextfactory  # noqa: F401
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from archive.account import Account
from archive.archive import Archive, RunReport
from archive.readings import Readers
from archive.run_log import begun, tell_end
from archive.runs import RunOutcome, Stop
from crawler.closing_time import SETTING as ENDS_AT
from crawler.order import Order
from crawler.permit import ALWAYS, Permit
from crawler.scrapy_settings import scrapy_settings
from crawler.session import Session
from crawler.spider import PortalSpider


def crawl(
    order: Order,
    archive_path: Path,
    readers: Readers,
    *,
    busy_seconds: float,
    asked_why: Callable[[], str] = str,
    permit: Permit = ALWAYS,
) -> RunReport:
    """Carry out `order` in this process, record what it finds, and report.

    `asked_why` tells what somebody who asked the crawl to end did so for, if that is known. To be
    called once a process: Twisted's reactor starts only once. Raises YangeError where the
    archive cannot be used, or `permit` ceased to hold; the run is then entered as failed if that is
    still possible.
    """
    with Archive.open(archive_path, readers, busy_seconds=busy_seconds) as archive:
        run_id = archive.begin_run(order.portal, order.mode, job=order.job, slot=order.slot)
        with begun(run_id, order.portal, order.mode.value, order.job):
            account = Account()
            session = Session(order, archive, readers.current(order.portal), account, permit)
            ending = carry_out(session, asked_why)
            report = archive.finish_run(
                ending.outcome,
                requests=ending.requests,
                received=ending.received,
                problems=account.problems(run_id),
                stopped=session.stop,
            )
            tell_end(report, requests=ending.requests, received=ending.received)
            if session.error is not None:
                raise session.error
            return report


class Ending(NamedTuple):
    """How a crawl ended: what Scrapy's exit does not tell, for it is the same whatever happened."""

    outcome: RunOutcome
    requests: int
    received: int


def carry_out(session: Session, asked_why: Callable[[], str]) -> Ending:
    """Crawl in this process until there is nothing left to do, or something ends it.

    What keeps the crawl from going on is in `session.error` then.
    """
    crawler = _run(session)
    stats = crawler.stats.get_stats() if crawler.stats else {}
    return Ending(
        _outcome(session, stats, asked_why),
        stats.get("downloader/request_count", 0),
        stats.get("downloader/response_bytes", 0),
    )


def _run(session: Session) -> Crawler:
    order = session.order
    settings = scrapy_settings(order.settings, contact=order.contact, version=order.version)
    settings["ITEM_PIPELINES"] = {"crawler.pipeline.ArchivePipeline": 500}
    settings["SPIDER_MIDDLEWARES"] = {
        "crawler.middlewares.archive_failure.ArchiveFailureMiddleware": 500
    }
    settings["EXTENSIONS"] |= {
        "crawler.closing_time.ClosingTime": 500,
        "crawler.progress.ProgressLine": 500,
    }
    settings[ENDS_AT] = order.ends_at.isoformat() if order.ends_at else None
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(PortalSpider)
    process.crawl(crawler, session=session)
    process.start()
    return crawler


def _outcome(session: Session, stats: dict[str, Any], asked_why: Callable[[], str]) -> RunOutcome:
    if session.error is not None:
        session.note_problem(str(session.error))
        return RunOutcome.FAILED
    # Without a reason Scrapy did not come to an end of its own: see PromptEnd.
    reason = stats.get("finish_reason", session.stop or "shutdown")
    if reason == "shutdown":
        session.note_problem(f"stopped early: {asked_why() or 'the crawl was asked to end'}")
        return RunOutcome.INTERRUPTED
    errors = int(stats.get("spider_exceptions/count", 0)) + session.faults
    if errors or reason not in ("finished", *Stop):
        session.note_problem(
            f"{errors} pages could not be processed through a fault of yange's; see the log"
        )
        return RunOutcome.FAILED
    is_whole = session.stop is None and not session.has_shortfalls
    return RunOutcome.FINISHED if is_whole else RunOutcome.INCOMPLETE
