"""Runs: one crawl each, from start to finish, with figures taken from what was recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

import orjson

from archive.capture import Outcome
from archive.comparison import Kind
from archive.instants import now_ms
from archive.seals import seal_run


class RunOutcome(StrEnum):
    """Every way a run can stand or end."""

    RUNNING = "running"
    FINISHED = "finished"
    INCOMPLETE = "incomplete"
    """Done, but a page failed or was blocked, or the run stopped early."""
    FAILED = "failed"
    """Ended by itself, through a fault."""
    INTERRUPTED = "interrupted"
    """Ended from outside before its work was done."""
    MISSED = "missed"
    """Never begun: nobody was there when it was due."""


class Stop(StrEnum):
    """Why a run was stopped before its work was done."""

    BLOCKED = "mostly_blocked"
    """Nearly every page was blocked, suspect or failed (R11); it counts for no withdrawal (R9)."""
    WINDOW = "window_closed"
    ARCHIVE = "archive_failed"


ACCEPT = "accept"
"""The mode of a run that asks for nothing: a person accepts a capture (R10)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run did. `pages` are pages of documents and of lists that were asked for."""

    pages: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    gone: int = 0
    blocked: int = 0
    failed: int = 0


class RunReport(NamedTuple):
    """A run as it ended."""

    id: int
    outcome: RunOutcome
    figures: Figures
    problems: tuple[str, ...]
    ledger_length: int
    ledger_head: str
    seal: str
    stopped: Stop | None = None


class PastRun(NamedTuple):
    """What a run that has ended tells of how its portal received it."""

    mode: str
    outcome: RunOutcome
    stopped: Stop | None
    finished_at: datetime
    figures: Figures


def past_runs(connection: sqlite3.Connection, portal: str) -> Iterator[PastRun]:
    """The runs of a portal that have ended, newest first, read as they are asked for."""
    for mode, outcome, stopped, finished_ms, figures in connection.execute(
        """SELECT mode, outcome, stopped, finished_ms, figures FROM runs
           WHERE portal = ? AND finished_ms IS NOT NULL ORDER BY id DESC""",
        (portal,),
    ):
        yield PastRun(
            mode,
            RunOutcome(outcome),
            Stop(stopped) if stopped else None,
            datetime.fromtimestamp(finished_ms / 1000, UTC),
            Figures(**orjson.loads(figures)),
        )


def start(
    connection: sqlite3.Connection,
    portal: str,
    mode: str,
    job: str | None,
    slot: str | None,
    started_ms: int | None = None,
) -> int:
    """Enter a run that begins now, or began at that instant; its id."""
    cursor = connection.execute(
        """INSERT INTO runs (portal, mode, job, slot, started_ms, outcome)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (portal, mode, job, slot, started_ms or now_ms(), RunOutcome.RUNNING),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def finish(
    connection: sqlite3.Connection,
    run_id: int,
    outcome: RunOutcome,
    problems: Sequence[str],
    *,
    requests: int = 0,
    received: int = 0,
    stopped: Stop | None = None,
    finished_ms: int | None = None,
) -> RunReport:
    """Enter how a run ended, now or at that instant, and seal it, within a transaction.

    A finished one in which a page failed or was blocked is incomplete.
    """
    figures = figures_of(connection, run_id)
    if outcome is RunOutcome.FINISHED and (figures.failed or figures.blocked):
        outcome = RunOutcome.INCOMPLETE
    connection.execute(
        """UPDATE runs SET finished_ms = ?, outcome = ?, requests = ?, bytes = ?, figures = ?,
           problems = ?, stopped = ? WHERE id = ?""",
        (
            finished_ms or now_ms(),
            outcome,
            requests,
            received,
            orjson.dumps(asdict(figures)).decode(),
            orjson.dumps(list(problems)).decode(),
            stopped,
            run_id,
        ),
    )
    seal_run(connection, run_id)
    return report_of(connection, run_id)


def report_of(connection: sqlite3.Connection, run_id: int) -> RunReport:
    """A run that has ended, as it did."""
    outcome, figures, problems, stopped, length, head, seal = connection.execute(
        """SELECT outcome, figures, problems, stopped, ledger_length, ledger_head, hash
           FROM runs JOIN seals ON seals.run_id = runs.id WHERE runs.id = ?""",
        (run_id,),
    ).fetchone()
    return RunReport(
        run_id,
        RunOutcome(outcome),
        Figures(**orjson.loads(figures)),
        tuple(orjson.loads(problems)),
        length,
        head.hex(),
        seal.hex(),
        Stop(stopped) if stopped else None,
    )


_ABANDONED = "the crawl's process ended without saying so"


class Unrun(NamedTuple):
    """A run that was due and has no crawl to tell of it: none was started, or it died before."""

    mode: str
    job: str
    slot: str
    at_ms: int
    outcome: RunOutcome
    problems: tuple[str, ...]


def enter_unrun(connection: sqlite3.Connection, portal: str, unrun: Unrun) -> None:
    """Enter a run that has begun and ended at one instant, with nothing in between."""
    run_id = connection.execute(
        """INSERT INTO runs (portal, mode, job, slot, started_ms, finished_ms, outcome, figures,
           problems) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            portal,
            unrun.mode,
            unrun.job,
            unrun.slot,
            unrun.at_ms,
            unrun.at_ms,
            unrun.outcome,
            orjson.dumps(asdict(Figures())).decode(),
            orjson.dumps(unrun.problems).decode(),
        ),
    ).lastrowid
    assert run_id is not None
    seal_run(connection, run_id)


def is_entered(connection: sqlite3.Connection, job: str, slot: str) -> bool:
    """Whether a run of `job` was begun for `slot`."""
    found = connection.execute(
        "SELECT 1 FROM runs WHERE job = ? AND slot = ? AND outcome <> ?",
        (job, slot, RunOutcome.MISSED),
    )
    return found.fetchone() is not None


def close_abandoned(
    connection: sqlite3.Connection,
    portal: str,
    outcome: RunOutcome = RunOutcome.INTERRUPTED,
    problem: str = _ABANDONED,
) -> int:
    """Enter that runs of `portal` left running ended with their process; how many there were.

    Those that a spool is being recorded in are left: their ingest is to be repeated. Only to be
    called while no crawl of the portal can be running. `outcome` and `problem` are what
    is known of that end.
    """
    rows = connection.execute(
        """SELECT id FROM runs WHERE portal = ? AND outcome = ?
           AND id NOT IN (SELECT run_id FROM ingests WHERE account IS NOT NULL)""",
        (portal, RunOutcome.RUNNING),
    ).fetchall()
    for (run_id,) in rows:
        last = connection.execute(
            "SELECT max(at_ms) FROM captures WHERE run_id = ?", (run_id,)
        ).fetchone()[0]
        connection.execute(
            """UPDATE runs SET finished_ms = coalesce(?, started_ms), outcome = ?, figures = ?,
               problems = ? WHERE id = ?""",
            (
                last,
                outcome,
                orjson.dumps(asdict(figures_of(connection, run_id))).decode(),
                orjson.dumps([problem]).decode(),
                run_id,
            ),
        )
        seal_run(connection, run_id)
    return len(rows)


def figures_of(connection: sqlite3.Connection, run_id: int) -> Figures:
    """A run's figures, from what it has recorded so far."""
    captures = dict(
        connection.execute(
            "SELECT outcome, count(*) FROM captures WHERE run_id = ? GROUP BY outcome", (run_id,)
        ).fetchall()
    )
    changes = dict(
        connection.execute(
            "SELECT kind, count(*) FROM changes WHERE run_id = ? GROUP BY kind", (run_id,)
        ).fetchall()
    )
    changed = connection.execute(
        "SELECT count(DISTINCT document_id) FROM versions WHERE run_id = ? AND number > 1",
        (run_id,),
    ).fetchone()[0]
    list_pages, failed_lists, failed_files = connection.execute(
        """SELECT coalesce(sum(pages), 0), coalesce(sum(failed), 0),
                  (SELECT failed_files FROM runs WHERE id = :run)
           FROM column_visits WHERE run_id = :run""",
        {"run": run_id},
    ).fetchone()
    return Figures(
        pages=sum(captures.values()) + list_pages,
        created=changes.get(Kind.CREATED, 0),
        changed=changed,
        unchanged=captures.get(Outcome.UNCHANGED, 0),
        withdrawn=changes.get(Kind.WITHDRAWN, 0),
        gone=captures.get(Outcome.GONE, 0),
        blocked=captures.get(Outcome.BLOCKED, 0) + captures.get(Outcome.SUSPECT, 0),
        failed=captures.get(Outcome.FAILED, 0) + failed_lists + failed_files,
    )
