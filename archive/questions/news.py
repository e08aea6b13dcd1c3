"""What there is to tell of runs: which have ended since, and what each has recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from archive.questions.changes import COLUMNS
from archive.questions.runs import runs
from archive.questions.source import Row, Source
from archive.runs import RunOutcome


class Standing(NamedTuple):
    """How far an archive had come at a moment."""

    last: int
    """The newest run's id; 0 without any."""
    under_way: tuple[int, ...]
    """The ids of runs that have not ended."""


class News(NamedTuple):
    """A change, with what is known of its document and does not stand in the ledger."""

    row: Row
    """A row of `changes`, with `issuing_agency` besides."""
    document: int
    validity_before: str | None
    validity_after: str | None
    agency_before: str | None


_ROW = (*COLUMNS, "issuing_agency")


def standing(source: Source) -> Standing:
    """The newest run, and those that are under way."""
    last = source.rows("SELECT coalesce(max(id), 0) FROM runs")[0][0]
    under_way = source.rows(
        "SELECT id FROM runs WHERE outcome = ? ORDER BY id", (RunOutcome.RUNNING,)
    )
    return Standing(last, tuple(run_id for (run_id,) in under_way))


def ended_since(source: Source, then: Standing) -> list[Row]:
    """The runs that have ended since, oldest first, as rows of `runs`."""
    ended = {
        run_id
        for (run_id,) in source.rows(
            """SELECT id FROM runs WHERE outcome != ? AND
               (id > ? OR id IN (SELECT value FROM json_each(?)))""",
            (RunOutcome.RUNNING, then.last, orjson.dumps(then.under_way).decode()),
        )
    }
    if not ended:
        return []
    newer = source.rows("SELECT count(*) FROM runs WHERE id >= ?", (min(ended),))[0][0]
    rows = runs(source, None, None, newer)
    return [row for row in reversed(rows) if row["id"] in ended]


def news(source: Source, run_id: int, *, baseline: bool) -> Iterator[News]:
    """What a run has recorded, oldest first, read as it is asked for."""
    return _told(
        source,
        "changes.run_id = :run AND (:baseline OR NOT baseline) ORDER BY seq",
        {"run": run_id, "baseline": baseline},
    )


def newest(source: Source, portal: str | None, limit: int, *, baseline: bool) -> Iterator[News]:
    """The last changes that were recorded, the newest first."""
    return _told(
        source,
        """(:portal IS NULL OR changes.portal = :portal) AND (:baseline OR NOT baseline)
           ORDER BY seq DESC LIMIT :limit""",
        {"portal": portal, "baseline": baseline, "limit": limit},
    )


def _told(source: Source, which: str, values: dict[str, object]) -> Iterator[News]:
    with source.asked():
        for found in source.connection.execute(
            f"""SELECT seq, changes.at_ms, changes.run_id, changes.portal, changes.index_number,
                    changes.title, url, version, kind, field, before, after, baseline,
                    new.issuing_agency, coalesce(merged_into, documents.id),
                    old.validity, new.validity, old.issuing_agency
                FROM changes JOIN documents ON documents.id = changes.document_id
                LEFT JOIN versions AS new
                    ON new.document_id = changes.document_id AND new.number = version
                LEFT JOIN versions AS old
                    ON old.document_id = changes.document_id
                    AND old.number = version - (version_digest IS NOT NULL)
                WHERE {which}""",
            values,
        ):
            row = dict(zip(_ROW, found, strict=False))
            row["at"] = source.iso(row["at"])
            row["baseline"] = bool(row["baseline"])
            yield News(row, *found[len(_ROW) :])
