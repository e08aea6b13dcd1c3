"""The runs, with their figures."""

from __future__ import annotations

import orjson

from archive.errors import NotFoundError
from archive.questions.source import HIGHEST_ID, Row, Source
from archive.runs import Figures, RunOutcome, figures_of

SELECT = """SELECT runs.id, portal, mode, job, slot, started_ms, finished_ms, outcome, stopped,
    requests, bytes, figures, problems, ledger_length, ledger_head, hash FROM runs
    LEFT JOIN seals ON run_id = runs.id"""
"""What a row of `runs` is made of; `row_of` makes it."""


def runs(
    source: Source,
    portal: str | None,
    mode: str | None,
    limit: int | None,
    before: int | None = None,
) -> list[Row]:
    """Runs with their figures, newest first, as rows of `runs`; those before one of them."""
    rows = source.rows(
        f"""{SELECT} WHERE (:portal IS NULL OR portal = :portal) AND (:mode IS NULL OR mode = :mode)
            AND (:before IS NULL OR runs.id < :before)
           ORDER BY runs.id DESC LIMIT :limit""",
        {"portal": portal, "mode": mode, "limit": -1 if limit is None else limit, "before": before},
    )
    return [row_of(source, *row) for row in rows]


def run(source: Source, run_id: int) -> Row:
    """One run with its figures, as a row of `runs`."""
    rows = source.rows(f"{SELECT} WHERE runs.id = ?", (min(run_id, HIGHEST_ID),))
    if not rows:
        raise NotFoundError(f"there is no run {run_id}")
    return row_of(source, *rows[0])


def last_slots(source: Source) -> dict[str, str]:
    """The slot, an ISO date-time, of each job's last run that was due for one."""
    return dict(
        source.rows(
            """SELECT job, slot FROM runs WHERE id IN
               (SELECT max(id) FROM runs WHERE job IS NOT NULL AND slot IS NOT NULL
                GROUP BY job)"""
        )
    )


def row_of(
    source: Source,
    run_id: int,
    portal: str,
    mode: str,
    job: str | None,
    slot: str | None,
    started: int,
    finished: int | None,
    outcome: str,
    stopped: str | None,
    requests: int,
    received: int,
    figures: str,
    problems: str,
    ledger_length: int | None,
    ledger_head: bytes | None,
    seal: bytes | None,
) -> Row:
    """A row of `runs`, made of one of `SELECT`."""
    so_far = (
        figures_of(source.connection, run_id)
        if outcome == RunOutcome.RUNNING
        else Figures(**orjson.loads(figures))
    )
    return {
        "id": run_id,
        "portal": portal,
        "mode": mode,
        "job": job,
        "slot": slot,
        "started_at": source.iso(started),
        "finished_at": source.iso(finished),
        "outcome": outcome,
        "stopped": stopped,
        "requests": requests,
        **{name: getattr(so_far, name) for name in Figures.__slots__},
        "bytes": received,
        "problems": orjson.loads(problems),
        "ledger_length": ledger_length,
        "ledger_head": ledger_head.hex() if ledger_head else None,
        "seal": seal.hex() if seal else None,
    }
