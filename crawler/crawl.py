"""One crawl, from the order to its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

# First: as these are loaded, Scrapy has the whole stack of callers described, source lines and all.
# Below the modules of ours that need them the stack is twice as deep.
import scrapy.core.downloader.contextfactory  # noqa: F401
import structlog
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from archive.archive import Archive, RunReport
from archive.readings import Readers
from archive.runs import RunOutcome, Stop
from crawler.closing_time import SETTING as ENDS_AT
from crawler.order import Order
from crawler.scrapy_settings import scrapy_settings
from crawler.session import Session
from crawler.spider import PortalSpider

_log = structlog.get_logger(__name__)


def crawl(
    order: Order,
    archive_path: Path,
    readers: Readers,
    *,
    busy_seconds: float,
    asked_why: Callable[[], str] = str,
) -> RunReport:
    """Carry out `order` in this process, record what it finds, and report.

    `asked_why` tells what somebody who asked the crawl to end did so for, if that is known. To be
    called once a process: Twisted's reactor starts only once. Raises YangeError where the
    archive cannot be used; the run is then entered as failed if that is still possible.
    """
    with Archive.open(archive_path, readers, busy_seconds=busy_seconds) as archive:
        run_id = archive.begin_run(order.portal, order.mode, job=order.job, slot=order.slot)
        with structlog.contextvars.bound_contextvars(
            run_id=run_id, portal=order.portal, mode=order.mode.value, job=order.job
        ):
            _log.info("run_started")
            session = Session(order, archive, readers.current(order.portal))
            crawler = _run(session)
            return _report(session, crawler, asked_why)


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


def _report(session: Session, crawler: Crawler, asked_why: Callable[[], str]) -> RunReport:
    """Say how the run ended, from what happened: Scrapy's exit is the same whatever did."""
    stats = crawler.stats.get_stats() if crawler.stats else {}
    outcome = _outcome(session, stats, asked_why)
    report = session.archive.finish_run(
        outcome,
        requests=stats.get("downloader/request_count", 0),
        received=stats.get("downloader/response_bytes", 0),
        problems=session.problems(),
        stopped=session.stop,
    )
    say = _log.info if report.outcome is RunOutcome.FINISHED else _log.warning
    say(
        "run_finished",
        outcome=report.outcome.value,
        stopped=report.stopped.value if report.stopped else None,
        **asdict(report.figures),
        requests=stats.get("downloader/request_count", 0),
        bytes=stats.get("downloader/response_bytes", 0),
        problems=list(report.problems),
        ledger_length=report.ledger_length,
        ledger_head=report.ledger_head,
        seal=report.seal,
    )
    if session.error is not None:
        raise session.error
    return report


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
