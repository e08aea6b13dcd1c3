"""The ledger as people follow it: the newest first, filtered, page by page, and counted by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from archive.comparison import Kind
from archive.instants import to_ms
from archive.locations import location_key
from archive.questions.lookup import PORTALS
from archive.questions.source import HIGHEST_ID, Row, Source

if TYPE_CHECKING:
    from archive.settings import WatchList

# Entries are counted by quarters of an hour, since the day of every zone begins with one.
_QUARTER_MS = 15 * 60 * 1000
_AFTER_EVERY_PATH = "\U0010ffff"
_COMPARED = frozenset(
    {Kind.CONTENT, Kind.VALIDITY, Kind.METADATA, Kind.ATTACHMENT, Kind.RENUMBERED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Filters on the ledger; each that is None or empty lets everything through.

    `validity`, `agency` and `category` are about the document as it stands now: one of the words of
    `Validity` or the portal's own label, and parts of the field. `column` is the address of a
    column, for documents that are published in its folder or below. `words` must all stand in the
    title, the number, or what was before or after. `field` and `document` are what changed; what a
    document brought with it when it turned out to be this one counts as well. Without `baseline`,
    entries are left out that come from the first complete reading of a list: they are news to the
    archive alone.

    `watch` is a list that somebody watches: entries of its documents, or with one of its words. An
    archive turns it into `among`, a JSON array of these documents, and `speaking`, one of entries.
    """

    kinds: tuple[str, ...] = ()
    validity: str | None = None
    agency: str | None = None
    category: str | None = None
    column: str | None = None
    words: tuple[str, ...] = ()
    portal: str | None = None
    run: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    field: str | None = None
    document: int | None = None
    baseline: bool = False
    watch: WatchList | None = None
    among: str | None = None
    speaking: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lets everything through that is no baseline."""
        return self == ChangeFilter()


_NAMES = ("portal", "index_number", "title", "url", "version", "kind", "field", "before", "after")
# What the portal's words for validity amount to, before and after.
_VALIDITY = """iif(changes.kind = 'validity',
    (SELECT validity FROM versions WHERE versions.document_id = changes.document_id
     AND number = changes.version{earlier}), NULL)"""
_ENTRY = f"""changes.seq, changes.at_ms, changes.run_id,
    {", ".join(f"changes.{name}" for name in _NAMES)}, changes.baseline,
    documents.id, changes.document_id, {_VALIDITY.format(earlier=" - 1")},
    {_VALIDITY.format(earlier="")}"""
_SOURCE = """changes JOIN documents AS recorded ON recorded.id = changes.document_id
    JOIN documents ON documents.id = coalesce(recorded.merged_into, recorded.id)"""


def entries(
    source: Source, chosen: ChangeFilter, *, before_seq: int | None = None, limit: int
) -> list[Row]:
    """The newest `limit` entries that match, as rows of `changes`; earlier than `before_seq`.

    Besides, each has `document` (the archive's number for it), `compares` (whether its version and
    the one before are versions of that document) and, for one of validity, `validity_before` and
    `validity_after`, words of `Validity`.
    """
    if len(chosen.kinds) > 1:
        # Of each kind the newest stand together in an index; rare ones would be long looked for.
        found = [
            one
            for kind in chosen.kinds
            for one in entries(
                source, replace(chosen, kinds=(kind,)), before_seq=before_seq, limit=limit
            )
        ]
        return sorted(found, key=lambda one: int(one["seq"]), reverse=True)[:limit]
    where, values = _where(chosen)
    if before_seq is not None:
        where += " AND changes.seq < :before_seq"
        values["before_seq"] = min(before_seq, HIGHEST_ID)
    rows = source.rows(
        f"SELECT {_ENTRY} FROM {_SOURCE} WHERE {where} ORDER BY changes.seq DESC LIMIT :limit",
        {**values, "limit": limit},
    )
    return [_entry(source, *row) for row in rows]


def entries_by_time(
    source: Source, chosen: ChangeFilter, *, before: tuple[int, int] | None, limit: int
) -> list[tuple[int, Row]]:
    """The same entries by their times, the newest first, each with its instant in ms.

    With `before`, an instant and a `seq`, those of before that instant, and of it those with a
    lower `seq`.
    """
    where, values = _where(chosen)
    if before is not None:
        where += """ AND (changes.at_ms < :before_ms
            OR changes.at_ms = :before_ms AND changes.seq < :before_seq)"""
        values |= {"before_ms": before[0], "before_seq": min(before[1], HIGHEST_ID)}
    rows = source.rows(
        f"""SELECT {_ENTRY} FROM {_SOURCE} WHERE {where}
            ORDER BY changes.at_ms DESC, changes.seq DESC LIMIT :limit""",
        {**values, "limit": limit},
    )
    return [(row[1], _entry(source, *row)) for row in rows]


def _entry(source: Source, seq: int, at_ms: int, run: int, *rest: object) -> Row:
    *named, baseline, document, recorded, validity_before, validity_after = rest
    row: Row = dict(zip(_NAMES, named, strict=True))
    return {
        "seq": seq,
        "at": source.iso(at_ms),
        "run": run,
        **row,
        "baseline": bool(baseline),
        "document": document,
        "compares": recorded == document and (row["version"] or 0) > 1 and row["kind"] in _COMPARED,
        "validity_before": validity_before,
        "validity_after": validity_after,
    }


def count_by_day(
    source: Source, chosen: ChangeFilter, *, days: int, last: date
) -> dict[date, dict[str, int]]:
    """How many entries of each kind match on each of the `days` up to `last`.

    Days without any are left out. The filter's own dates are not looked at.
    """
    first = last - timedelta(days=days - 1)
    where, values = _where(chosen, with_dates=False)
    # Where nothing is asked of the document it need not be looked up. By their times in any case:
    # there can be hundreds of thousands of a kind.
    table = _SOURCE if "documents." in where else "changes"
    where = where.replace("changes.kind IN", "+changes.kind IN")
    rows = source.rows(
        f"""SELECT changes.at_ms / {_QUARTER_MS}, changes.kind, count(*) FROM {table}
            WHERE changes.at_ms >= :from_ms AND changes.at_ms < :to_ms AND {where}
            GROUP BY 1, 2""",
        {
            **values,
            "from_ms": _start_of(first, source.zone),
            "to_ms": _start_of(last + timedelta(days=1), source.zone),
        },
    )
    counts: dict[date, dict[str, int]] = {}
    for quarter, kind, count in rows:
        day = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, source.zone).date()
        of_day = counts.setdefault(day, {})
        of_day[kind] = of_day.get(kind, 0) + count
    return counts


def last_day(source: Source) -> date | None:
    """The day of the newest entry, or None where there is none."""
    row = source.rows("SELECT max(at_ms) FROM changes")[0]
    return None if row[0] is None else datetime.fromtimestamp(row[0] / 1000, source.zone).date()


def _start_of(day: date, zone: tzinfo) -> int:
    return to_ms(datetime.combine(day, datetime.min.time(), zone))


def _where(chosen: ChangeFilter, *, with_dates: bool = True) -> tuple[str, dict[str, object]]:
    clauses = ["1"]
    values: dict[str, object] = {}
    for clause, given in _clauses(chosen, with_dates):
        clauses.append(clause)
        values |= given
    return " AND ".join(clauses), values


def _clauses(chosen: ChangeFilter, with_dates: bool) -> Iterator[tuple[str, dict[str, object]]]:
    given = {one.name: getattr(chosen, one.name) for one in fields(chosen)}
    for name, clause in _SIMPLE.items():
        if given[name] is not None and (with_dates or name not in ("since_ms", "until_ms")):
            yield clause, {name: given[name]}
    if chosen.among is not None:
        yield (
            """(documents.id IN (SELECT value FROM json_each(:among))
                OR changes.seq IN (SELECT value FROM json_each(:speaking)))""",
            {"among": chosen.among, "speaking": chosen.speaking},
        )
    if not chosen.baseline:
        yield "NOT changes.baseline", {}
    if chosen.kinds:
        names = {f"kind{place}": kind for place, kind in enumerate(chosen.kinds)}
        yield f"changes.kind IN ({', '.join(f':{name}' for name in names)})", dict(names)
        if chosen.run is not None:
            # A run's entries stand close together: within them the index of kinds is walked.
            yield (
                """changes.seq BETWEEN (SELECT min(seq) FROM changes WHERE run_id = :run)
                   AND (SELECT max(seq) FROM changes WHERE run_id = :run)""",
                {"run": chosen.run},
            )
    for place, word in enumerate(chosen.words):
        yield (
            f"""(instr(changes.title, :word{place}) OR instr(changes.index_number, :word{place})
                 OR instr(changes.before, :word{place}) OR instr(changes.after, :word{place}))""",
            {f"word{place}": word},
        )
    if chosen.column is not None:
        folder = location_key(chosen.column).rpartition("/")[0] + "/"
        yield (
            f"""documents.id IN ({PORTALS} SELECT document_id FROM locations
                WHERE portal IN portals AND key >= :folder AND key < :after_folder)""",
            {"folder": folder, "after_folder": folder + _AFTER_EVERY_PATH},
        )


_SIMPLE = {
    "portal": "changes.portal = :portal",
    "run": "changes.run_id = :run",
    "field": "changes.field = :field",
    "document": """changes.document_id IN (
        SELECT :document UNION ALL SELECT id FROM documents WHERE merged_into = :document)""",
    "since_ms": "changes.at_ms >= :since_ms",
    "until_ms": "changes.at_ms <= :until_ms",
    "validity": """(documents.current_validity = :validity
        OR documents.current_validity_label = :validity)""",
    "agency": "instr(documents.current_issuing_agency, :agency) > 0",
    "category": "instr(documents.current_category, :category) > 0",
}
