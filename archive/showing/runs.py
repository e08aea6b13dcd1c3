"""Runs, what was wrong with them, and the captures that they made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from archive.across.held import Held
from archive.presentation import OUTCOME_STYLE, Row, table

_CAPTURE_STYLE = {
    "document": "green",
    "blocked": "red",
    "suspect": "yellow",
    "failed": "red",
    "gone": "magenta",
}


def runs_table(rows: Sequence[Row]) -> Table:
    """The table of `runs`; what was wrong with a run stands under its figures."""
    figures = ("pages", "created", "changed", "unchanged", "gone", "blocked", "failed", "requests")
    laid_out = table("run", "portal", "mode", "started", "finished", "outcome", *figures)
    for row in rows:
        laid_out.add_row(
            str(row["id"]),
            row["portal"],
            row["mode"],
            row["started_at"],
            row["finished_at"] or "",
            Text(row["outcome"], style=OUTCOME_STYLE.get(row["outcome"], "")),
            *(str(row[name]) for name in figures),
        )
    return laid_out


def problems(rows: Sequence[Row]) -> Iterable[Text]:
    """What was wrong with runs, a line each."""
    for row in rows:
        for problem in row["problems"]:
            yield Text(f"{_whose(row)}run {row['id']}: {problem}", style="yellow")


def captures_table(rows: Sequence[Row]) -> Table:
    """The table of `captures`."""
    # Whoever asks for one by its number has to say whose archive gave it, where there are several.
    of_several = any(isinstance(row["id"], Held) for row in rows)
    portal = ("portal",) if of_several else ()
    laid_out = table(
        *portal, "capture", "when", "run", "outcome", "reason", "status", "bytes", "url"
    )
    for row in rows:
        reason = row["reason"] or ""
        if row["accepts"] is not None:
            reason = f"capture {row['accepts']}, accepted"
        elif row["accepted_as"] is not None:
            reason += f" (accepted as capture {row['accepted_as']})"
        laid_out.add_row(
            *((row["portal"],) if of_several else ()),
            str(row["id"]),
            row["at"],
            str(row["run"]),
            Text(row["outcome"], style=_CAPTURE_STYLE.get(row["outcome"], "")),
            reason,
            str(row["status"] or ""),
            "" if row["bytes"] is None else str(row["bytes"]),
            row["url"],
        )
    return laid_out


def _whose(row: Row) -> str:
    """The portal of a run, where several archives count their own."""
    return f"{row['portal']} " if isinstance(row["id"], Held) else ""
