"""The ledger: which entries there are, and where it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, Unpack

from archive import ledger
from archive.questions.source import Row, Source

COLUMNS = (
    "seq",
    "at",
    "run",
    "portal",
    "index_number",
    "title",
    "url",
    "version",
    "kind",
    "field",
    "before",
    "after",
    "baseline",
)
"""What a row of `changes` gives."""


class Filters(TypedDict, total=False):
    """Which entries are asked for; what is None or empty lets all through.

    `document_id` is the document as it is known now: what another brought with it when it turned
    out to be this one is its history too. `limit` asks for the newest so many.
    """

    since_ms: int | None
    until_ms: int | None
    kinds: tuple[str, ...]
    field: str | None
    portal: str | None
    run_id: int | None
    document_id: int | None
    limit: int | None


_CLAUSES = {
    "since_ms": "at_ms >= :since_ms",
    "until_ms": "at_ms <= :until_ms",
    "field": "field = :field",
    "portal": "portal = :portal",
    "run_id": "run_id = :run_id",
    "document_id": "(document_id = :document_id OR document_id IN"
    " (SELECT id FROM documents WHERE merged_into = :document_id))",
}


def changes(source: Source, **filters: Unpack[Filters]) -> Iterator[Row]:
    """The entries that match, oldest first, as rows of `changes`."""
    values = {name: filters.get(name) for name in _CLAUSES}
    clauses = ["1", *(_CLAUSES[name] for name, value in values.items() if value is not None)]
    if kinds := filters.get("kinds", ()):
        # Of one kind the newest stand together in its index; of several the ledger is walked.
        column = "kind" if len(kinds) == 1 else "+kind"
        clauses.append(f"{column} IN ({', '.join(f':kind{i}' for i in range(len(kinds)))})")
        values |= {f"kind{i}": kind for i, kind in enumerate(kinds)}
    limit = filters.get("limit")
    rows = source.rows(
        f"""SELECT seq, at_ms, run_id, portal, index_number, title, url, version, kind, field,
            before, after, baseline FROM changes
            WHERE {" AND ".join(clauses)}
            ORDER BY seq {"" if limit is None else f"DESC LIMIT {limit}"}""",
        values,
    )
    if limit is not None:
        rows.reverse()
    for found in rows:
        row = dict(zip(COLUMNS, found, strict=True))
        yield {**row, "at": source.iso(row["at"]), "baseline": bool(row["baseline"])}


def head(source: Source) -> tuple[int, str]:
    """How many entries there are, and the hash of the last in hexadecimal."""
    with source.asked():
        length, last = ledger.head(source.connection)
    return length, last.hex()
