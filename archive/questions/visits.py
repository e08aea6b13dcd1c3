"""Columns against their own past: what each of a portal's lists showed, run by run."""

from __future__ import annotations

from typing import NamedTuple

from archive.questions.source import Source


class Visit(NamedTuple):
    """What a run saw of a column: rows on all its pages, and of these the new ones."""

    run: int
    started_ms: int
    rows: int
    first_page_rows: int
    new_rows: int
    reached_end: bool
    failed: bool


class ColumnPast(NamedTuple):
    """A column with its last visits, the newest first."""

    id: int
    portal: str
    url: str
    name: str | None
    found_under: str | None
    is_absent: bool
    visits: tuple[Visit, ...]

    @property
    def usual_rows(self) -> int:
        """The most rows that a visit before the newest saw to the end; 0 where none did."""
        whole = (one.rows for one in self.visits[1:] if one.reached_end and not one.failed)
        return max(whole, default=0)

    @property
    def is_empty(self) -> bool:
        """Whether the newest visit saw no rows, though an earlier one did."""
        return bool(self.visits) and self.visits[0].rows == 0 and self._had_rows

    @property
    def is_short(self) -> bool:
        """Whether the newest visit read to the end and saw less than half of what was usual."""
        if not self.visits or self.is_empty or not self.visits[0].reached_end:
            return False
        return self.visits[0].rows * 2 < self.usual_rows

    @property
    def is_odd(self) -> bool:
        """Whether somebody should look at it."""
        newest_failed = bool(self.visits) and self.visits[0].failed
        return newest_failed or self.is_empty or self.is_short

    @property
    def _had_rows(self) -> bool:
        return any(one.rows for one in self.visits[1:])


def columns(source: Source, *, portal: str | None = None, last: int = 30) -> list[ColumnPast]:
    """Every column that was ever visited, with its `last` visits."""
    found = source.rows(
        """SELECT id, portal, url, name, found_under, absent_since_run IS NOT NULL FROM columns
           WHERE (:portal IS NULL OR portal = :portal) ORDER BY portal, id""",
        {"portal": portal},
    )
    visits: dict[int, list[Visit]] = {}
    # By runs, since these are what the table is in the order of; a column that was not visited in
    # any of the last runs has no visits to show.
    runs = max(1, last) * 4
    for column, *seen in source.rows(
        """SELECT column_id, run_id, started_ms, rows, first_page_rows, new_rows, reached_end,
                  failed
           FROM column_visits JOIN runs ON runs.id = run_id
           WHERE run_id > (SELECT coalesce(max(id), 0) FROM runs) - :runs
           ORDER BY run_id DESC""",
        {"runs": runs},
    ):
        of_column = visits.setdefault(column, [])
        if len(of_column) < last:
            of_column.append(_visit(*seen))
    return [
        ColumnPast(column, key, url, name, found_under, bool(absent), tuple(visits.get(column, ())))
        for column, key, url, name, found_under, absent in found
    ]


def visits_of_run(source: Source, run_id: int) -> list[tuple[int, str, Visit]]:
    """What a run saw of each column: the column's id and address, and the visit."""
    rows = source.rows(
        """SELECT columns.id, columns.url, run_id, started_ms, rows, first_page_rows, new_rows,
                  reached_end, failed
           FROM column_visits JOIN columns ON columns.id = column_id JOIN runs ON runs.id = run_id
           WHERE run_id = ? ORDER BY columns.id""",
        (run_id,),
    )
    return [(column, url, _visit(*seen)) for column, url, *seen in rows]


def _visit(
    run: int,
    started_ms: int,
    rows: int,
    first_page_rows: int,
    new_rows: int,
    reached_end: int,
    failed: int,
) -> Visit:
    return Visit(run, started_ms, rows, first_page_rows, new_rows, bool(reached_end), bool(failed))
