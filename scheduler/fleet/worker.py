"""A worker: takes orders from the broker and has them carried out, until it is told to stop."""

from __future__ import annotations

import random
import warnings
from typing import Any

import structlog
from celery import Celery, Task, signals
from celery.exceptions import CPendingDeprecationWarning, Reject, Retry
from celery.platforms import SecurityWarning

from archive.errors import YangeError
from scheduler.fleet.attempts import Attempts, UsualError
from scheduler.fleet.celery_app import TASK, celery_app
from scheduler.fleet.ticket import FITTING, Ticket, queue_of
from scheduler.fleet.worker_configuration import WorkerConfiguration

logger = structlog.get_logger(__name__)


def work(configuration: WorkerConfiguration, crawls: int) -> int:
    """Carry out orders, so many at once, in the foreground; the exit status.

    Told to stop (SIGTERM, SIGINT), it has the crawls under way end properly and deliver what they
    have, and takes no more. Raises StoreError.
    """
    settings = configuration.settings.fleet
    attempts = Attempts(configuration)
    attempts.clear()
    app = celery_app(settings)
    _teach(app, attempts, settings.patience_seconds)
    # The one is for those who let messages hold code; the other announces another default of a
    # setting that we set.
    for category in (SecurityWarning, CPendingDeprecationWarning):
        warnings.simplefilter("ignore", category)
    # Ours is set up already.
    signals.setup_logging.connect(_no_logging)
    signals.worker_shutting_down.connect(lambda **_: attempts.stop(), weak=False)
    signals.worker_ready.connect(
        lambda **_: logger.info(
            "worker_started", worker=attempts.worker, crawls=crawls, fitting=FITTING
        ),
        weak=False,
    )
    worker = app.Worker(
        # A crawl is a process of its own; what waits for it needs none.
        pool="threads",
        concurrency=crawls,
        queues=[queue_of(FITTING)],
        hostname=f"yange@{attempts.worker}",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    logger.info("worker_stopped", worker=attempts.worker)
    return int(worker.exitcode or 0)


def _no_logging(**_: object) -> None:
    """What Celery asks for where it would set up a log of its own."""


def _teach(app: Celery, attempts: Attempts, patience: float) -> None:
    """Let the application know its one task."""

    def carry_out(task: Task, message: dict[str, Any]) -> None:
        try:
            ticket = Ticket.from_message(message)
        except ValueError as error:
            logger.error("ticket_refused", reason=str(error))
            return
        with structlog.contextvars.bound_contextvars(order=ticket.order, portal=ticket.portal):
            try:
                attempts.carry_out(ticket)
            except UsualError as reason:
                logger.debug("order_put_off", reason=str(reason))
            except YangeError as error:
                logger.warning("order_put_off", reason=str(error))
            except Exception:
                # An order is never dropped for what goes wrong here.
                logger.exception("order_put_off")
            else:
                return
        _again(task, attempts, patience)

    app.task(carry_out, name=TASK, bind=True, max_retries=None)


def _again(task: Task, attempts: Attempts, patience: float) -> None:
    """Have the order offered again: in a while, or at once to others if this worker stops."""
    if attempts.is_stopping:
        raise Reject("the worker stops", requeue=True)
    try:
        # Not always so long: Redis gives a message to whoever has asked for the longest, and asking
        # goes by full seconds. One that comes back after these comes to the same worker for ever.
        task.retry(countdown=patience * random.uniform(0.5, 1.0))  # noqa: S311
    except Retry:
        raise
    except Exception as error:
        # Celery would drop a message that it cannot publish anew.
        raise Reject(str(error), requeue=True) from error
