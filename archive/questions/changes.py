"""The ledger: which entries there are, and where it ends."""

from __future__ import annotations

from collections.abc import Iterator

from archive import ledger
from archive.questions.source import Row, Source


def changes(
    source: Source,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    kinds: tuple[str, ...] = (),
    field: str | None = None,
    portal: str | None = None,
    run_id: int | None = None,
    document_id: int | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """The entries that match, oldest first, as rows of `changes`; with `limit`, the newest."""
    clauses, values = ["1"], dict[str, object]()
    if since_ms is not None:
        clauses.append("at_ms >= :since")
        values["since"] = since_ms
    if until_ms is not None:
        clauses.append("at_ms <= :until")
        values["until"] = until_ms
    if field is not None:
        clauses.append("field = :field")
        values["field"] = field
    if kinds:
        # Of one kind the newest stand together in its index; of several the ledger is walked.
        column = "kind" if len(kinds) == 1 else "+kind"
        clauses.append(f"{column} IN ({', '.join(f':kind{i}' for i in range(len(kinds)))})")
        values |= {f"kind{i}": kind for i, kind in enumerate(kinds)}
    if portal is not None:
        clauses.append("portal = :portal")
        values["portal"] = portal
    if run_id is not None:
        clauses.append("run_id = :run")
        values["run"] = run_id
    if document_id is not None:
        # What a document brought with it when it turned out to be this one is its history too.
        clauses.append(
            "(document_id = :document OR document_id IN"
            " (SELECT id FROM documents WHERE merged_into = :document))"
        )
        values["document"] = document_id
    rows = source.rows(
        f"""SELECT seq, at_ms, run_id, portal, index_number, title, url, version, kind, field,
            before, after, baseline FROM changes
            WHERE {" AND ".join(clauses)}
            ORDER BY seq {"" if limit is None else f"DESC LIMIT {limit}"}""",
        values,
    )
    if limit is not None:
        rows.reverse()
    names = ("portal", "index_number", "title", "url", "version", "kind", "field")
    for seq, at_ms, run, *rest in rows:
        *named, before, after, baseline = rest
        yield {
            "seq": seq,
            "at": source.iso(at_ms),
            "run": run,
            **dict(zip(names, named, strict=True)),
            "before": before,
            "after": after,
            "baseline": bool(baseline),
        }


def head(source: Source) -> tuple[int, str]:
    """How many entries there are, and the hash of the last in hexadecimal."""
    with source.asked():
        length, last = ledger.head(source.connection)
    return length, last.hex()
