"""What the log says of a run, wherever its pages were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import structlog

from archive.account import is_odd
from archive.capture import Capture, ColumnVisit
from archive.recording import Recorded
from archive.runs import RunOutcome, RunReport

_log = structlog.get_logger(__name__)


@contextmanager
def begun(run_id: int, portal: str, mode: str, job: str | None) -> Iterator[None]:
    """Around a run: whatever is logged is of that run."""
    with structlog.contextvars.bound_contextvars(run_id=run_id, portal=portal, mode=mode, job=job):
        _log.info("run_started")
        yield


def tell_capture(capture: Capture, recorded: Recorded) -> None:
    """A capture was recorded."""
    odd, new = is_odd(recorded), recorded.version is not None
    say = _log.warning if odd else _log.info if new else _log.debug
    say(
        "captured",
        url=capture.url,
        status=capture.status,
        outcome=recorded.outcome.value,
        reason=recorded.reason or None,
        version=recorded.version,
    )


def tell_visit(visit: ColumnVisit, problem: str) -> None:
    """A column's list is not what it used to be (R14)."""
    _log.warning("column_looks_wrong", column=visit.column, problem=problem)


def tell_end(report: RunReport, *, requests: int, received: int) -> None:
    """A run has ended; after so many requests, and as many bytes received."""
    say = _log.info if report.outcome is RunOutcome.FINISHED else _log.warning
    say(
        "run_finished",
        outcome=report.outcome.value,
        stopped=report.stopped.value if report.stopped else None,
        **asdict(report.figures),
        requests=requests,
        bytes=received,
        problems=list(report.problems),
        ledger_length=report.ledger_length,
        ledger_head=report.ledger_head,
        seal=report.seal,
    )
