"""How runs stand: how many ended how, by portal and mode, and when the last of them did."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from archive.questions.source import Source
from archive.runs import RunOutcome, Stop


class Tally(NamedTuple):
    """The runs of one portal in one mode that have one outcome.

    `last_run` is the newest of them, begun at `last_ms`; `problems` are its own. `ended_ms` is when
    the last of them ended, `success_ms` when the last one that did its work did, in ms, or None.
    """

    portal: str
    mode: str
    outcome: str
    runs: int
    last_run: int
    last_ms: int
    ended_ms: int | None
    success_ms: int | None
    problems: tuple[str, ...]


def tallies(source: Source, since_ms: int) -> list[Tally]:
    """The runs that began at `since_ms` or later, by portal, mode and outcome.

    A run did its work if it was not stopped before the end, other than by the portal's window.
    """
    rows = source.rows(
        """SELECT portal, mode, outcome, count(*), max(id), max(finished_ms),
                  max(iif(outcome = :finished OR outcome = :incomplete
                          AND coalesce(stopped, :window) = :window, finished_ms, NULL))
           FROM runs WHERE started_ms >= :since GROUP BY portal, mode, outcome""",
        {
            "finished": RunOutcome.FINISHED,
            "incomplete": RunOutcome.INCOMPLETE,
            "window": Stop.WINDOW,
            "since": since_ms,
        },
    )
    found = []
    for portal, mode, outcome, count, last, ended_ms, success_ms in rows:
        last_ms, problems = source.rows(
            "SELECT started_ms, problems FROM runs WHERE id = ?", (last,)
        )[0]
        found.append(
            Tally(
                portal,
                mode,
                outcome,
                count,
                last,
                last_ms,
                ended_ms,
                success_ms,
                tuple(orjson.loads(problems)),
            )
        )
    return found
