"""Running a selection: the documents that it names, in order, by the plan that reads least.

What stands now is in an index in the order of a list. What stood at a moment is not: each
document's versions say it. So the versions are walked in the order of a list, until enough of them
are the ones that stood and are meant. Where that may take too long, all documents are looked at,
and sorted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from itertools import islice

from archive.instants import to_iso
from archive.selection import Order, Selection

Pair = tuple[int, int]

# The orders in which versions are walked.
_WALKED = frozenset({Order.BY_PORTAL, Order.NEWEST_FIRST})
# To look at so many is cheaper than to walk past those that are not meant.
_FEW = 2000
# With filters, so many versions are walked past before everything is looked at after all.
_FAR = 20_000
_DAY_MS = 24 * 3600 * 1000
# The end of the year 9999, beyond which no date is written.
_LAST_MS = 253_402_300_799_000

# A version is captured after it was published, but for portals that date into the future and clocks
# that are wrong. Those have an index of their own; of the others none that stood at a moment can be
# published later. A day is more than any two offsets from UTC lie apart.
_EARLY = "published_at > strftime('%Y-%m-%dT%H:%M:%S', at_ms / 1000 + 86400, 'unixepoch')"
_SEGMENTS = (
    f"published_at > :horizon AND {_EARLY}",
    "published_at <= :horizon",
    "published_at IS NULL",
)
_WALK = """
    SELECT versions.document_id, versions.id FROM versions
    CROSS JOIN documents ON documents.id = versions.document_id
    WHERE {segment} AND at_ms <= :as_of_ms
    AND NOT EXISTS (
        SELECT 1 FROM versions AS later WHERE later.document_id = versions.document_id
        AND later.number > versions.number AND later.at_ms <= :as_of_ms)
    AND {condition} AND {within}
    ORDER BY published_at DESC, versions.document_id
"""


def chosen(
    connection: sqlite3.Connection,
    selection: Selection,
    order: Order,
    within: str = "1",
    values: Mapping[str, object] | None = None,
    *,
    few: int = _FEW,
    far: int = _FAR,
) -> Iterator[Pair]:
    """The ids of the documents and of the versions that stand, read as they are asked for.

    `within` is a further condition on `documents.id`, with its `values`. Of a moment, up to `few`
    documents are looked at one by one, and with filters up to `far` versions are walked past.
    """
    given = dict(values or {})

    def are_few(what: str, value: object) -> bool:
        query = f"SELECT count(*) FROM (SELECT 1 FROM {what} LIMIT {few + 1})"
        return bool(connection.execute(query, (value,)).fetchone()[0] <= few)

    if selection.as_of_ms is None or order not in _WALKED:
        yield from looked_at(connection, selection, order, within, given)
    elif are_few("versions WHERE at_ms <= ?", selection.as_of_ms):
        # The plus keeps SQLite from going through all that a portal has.
        there = "SELECT document_id FROM versions WHERE at_ms <= :as_of_ms"
        within += f" AND documents.id IN ({there})"
        if selection.portal is not None:
            within += " AND +documents.portal = :here"
            given["here"] = selection.portal
            selection = replace(selection, portal=None)
        yield from looked_at(connection, selection, order, within, given)
    elif order is Order.NEWEST_FIRST and selection.portal is None:
        yield from _walked(connection, selection, order, within, given, far)
    else:
        for portal in _portals(connection, selection):
            here = replace(selection, portal=portal)
            if are_few("documents WHERE merged_into IS NULL AND portal = ?", portal):
                yield from looked_at(connection, here, order, within, given)
            else:
                yield from _walked(connection, here, order, within, given, far)


def looked_at(
    connection: sqlite3.Connection,
    selection: Selection,
    order: Order,
    within: str,
    values: Mapping[str, object],
) -> Iterator[Pair]:
    """The same, by looking at each document that `within` lets through: for when it names few."""
    query, filters = selection.select(order, within)
    yield from _pairs(connection, query, {**filters, **values})


def _walked(
    connection: sqlite3.Connection,
    selection: Selection,
    order: Order,
    within: str,
    values: Mapping[str, object],
    far: int,
) -> Iterator[Pair]:
    assert selection.as_of_ms is not None
    condition, filters = selection.condition()
    horizon = to_iso(min(selection.as_of_ms + _DAY_MS, _LAST_MS), UTC).removesuffix("+00:00")
    given = {**values, **filters, "horizon": horizon}
    segments: tuple[str, ...] = _SEGMENTS
    if not selection.is_open:
        segments = (_SEGMENTS[0], f"{_SEGMENTS[1]} AND published_at > :floor")
        given["floor"] = _publication_at(connection, horizon, far)
    count = 0
    for segment in segments:
        query = _WALK.format(segment=segment, condition=condition, within=within)
        for pair in _pairs(connection, query, given):
            count += 1
            yield pair
    if segments is not _SEGMENTS:
        rest = looked_at(connection, selection, order, within, values)
        yield from islice(rest, count, None)


def _publication_at(connection: sqlite3.Connection, horizon: str, far: int) -> str:
    """The publication of the version that stands so far down in the order of a list."""
    row = connection.execute(
        """SELECT published_at FROM versions WHERE published_at <= ?
           ORDER BY published_at DESC LIMIT 1 OFFSET ?""",
        (horizon, far),
    ).fetchone()
    return str(row[0]) if row else ""


def _pairs(
    connection: sqlite3.Connection, query: str, values: Mapping[str, object]
) -> Iterator[Pair]:
    # Not `yield from`: it would close the cursor of a walk that is left before its end, and the
    # archive can be closed by then.
    for row in connection.execute(query, values):  # noqa: UP028
        yield row


def _portals(connection: sqlite3.Connection, selection: Selection) -> list[str]:
    """The portals whose documents can be meant, in the order of a list."""
    if selection.portal is not None:
        return [selection.portal]
    rows = connection.execute(
        """WITH RECURSIVE portals (portal) AS (
             SELECT min(portal) FROM documents WHERE merged_into IS NULL UNION ALL
             SELECT (SELECT min(portal) FROM documents
                     WHERE merged_into IS NULL AND portal > portals.portal)
             FROM portals WHERE portal IS NOT NULL)
           SELECT portal FROM portals WHERE portal IS NOT NULL"""
    )
    return [portal for (portal,) in rows.fetchall()]
