"""What the archive holds, in numbers."""

from __future__ import annotations

from archive.instants import now_ms
from archive.questions.changes import head
from archive.questions.source import Row, Source

_DAY_MS = 24 * 3600 * 1000


def totals(source: Source) -> Row:
    """What the archive holds, and the head of its ledger."""
    now = now_ms()
    length, ledger_head = head(source)
    documents, withdrawn = source.rows(
        "SELECT count(*), coalesce(sum(withdrawn), 0) FROM documents WHERE merged_into IS NULL"
    )[0]
    return {
        "documents": documents,
        "withdrawn": withdrawn,
        "versions": _count(source, "versions"),
        "bodies": _count(source, "bodies"),
        "changes": length,
        "changes_last_day": _count(source, "changes WHERE at_ms >= ?", now - _DAY_MS),
        "changes_last_week": _count(source, "changes WHERE at_ms >= ?", now - 7 * _DAY_MS),
        "waiting": _count(source, "frontier"),
        "ledger_head": ledger_head,
        "last_seal": _last_seal(source),
    }


def _last_seal(source: Source) -> Row | None:
    rows = source.rows(
        """SELECT hash, run_id, finished_ms FROM seals LEFT JOIN runs ON runs.id = run_id
           ORDER BY seals.id DESC LIMIT 1"""
    )
    if not rows:
        return None
    sealed, run_id, finished_ms = rows[0]
    return {"hash": sealed.hex(), "run": run_id, "at": source.iso(finished_ms)}


def _count(source: Source, what: str, *values: object) -> int:
    return int(source.rows(f"SELECT count(*) FROM {what}", values)[0][0])
