"""Finding documents: the index names what can match, the versions themselves decide."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from archive.attachments.texts import AttachmentTexts
from archive.choosing import chosen, looked_at
from archive.readings import Readings
from archive.search.files_index import documents_with_unknown_files, files_reach
from archive.search.index import NUMBERS, TITLE, Reach, reach, unknown_documents
from archive.search.matching import LAST_RANK, Match, Matcher
from archive.search.material import fields_of, files_of, versions_until
from archive.search.query import Query
from archive.search.terms import expression
from archive.selection import Order, Selection
from archive.versions import Version, version_of

# Up to so many candidates are looked up and put in order; of more, the newest documents are walked
# until enough of them are candidates.
_FEW = 2000

# The columns of `search_titles` for each rank but the last.
_COLUMNS = (TITLE, f"{TITLE} {NUMBERS}")
# Of more words than these no more candidates are told apart; a compound query has its limit.
_MOST_WORDS = 20


class Found(NamedTuple):
    """A document, the version that stands, the one in which the words do, and where."""

    document_id: int
    standing: Version
    version: Version
    match: Match


class Search:
    """One search of one archive."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        readings: Readings,
        texts: AttachmentTexts,
        query: Query,
        selection: Selection,
        *,
        in_all_versions: bool,
    ) -> None:
        self._connection = connection
        self._readings = readings
        self._texts = texts
        self._words = query.words
        self._matcher = Matcher(query)
        self._selection = selection
        self._in_all_versions = in_all_versions

    def __iter__(self) -> Iterator[Found]:
        """What is found, by rank, the newest published first; read as it is asked for."""
        done = reach(self._connection)
        ranks: dict[int, int | None] = {}
        for rank in range(LAST_RANK + 1):
            for document_id, version_id in self._candidates(rank, done):
                if ranks.get(document_id, rank) != rank:
                    continue
                found = self._look_at(document_id, version_id)
                ranks[document_id] = None if found is None else found.match.rank
                if found is not None and found.match.rank == rank:
                    yield found

    def _look_at(self, document_id: int, version_id: int) -> Found | None:
        """The newest version, of those that are asked about, in which the words stand."""
        versions = (
            versions_until(self._connection, document_id, version_id)
            if self._in_all_versions
            else [version_of(self._connection, version_id)]
        )
        for version in reversed(versions):
            fields = fields_of(self._readings, version)
            fields += files_of(self._connection, self._texts, version)
            match = self._matcher.match(fields)
            if match is not None:
                return Found(document_id, versions[-1], version, match)
        return None

    def _candidates(self, rank: int, done: Reach) -> Iterator[tuple[int, int]]:
        """The documents, with their standing versions, that can match with that rank.

        What the index does not know yet is always among them.
        """
        if not done.is_current:
            yield from self._select("1", {})
            return
        matching, values = self._matching(rank)
        rows = self._connection.execute(f"{matching} LIMIT {_FEW + 1}", values)
        ids = {document_id for (document_id,) in rows.fetchall()}
        ids.update(unknown_documents(self._connection, done))
        if rank == LAST_RANK:
            ids.update(documents_with_unknown_files(self._connection))
        values["ids"] = orjson.dumps(sorted(ids)).decode()
        listed = "SELECT value FROM json_each(:ids)"
        if len(ids) <= _FEW:
            few = f"documents.id IN ({listed})"
            yield from looked_at(self._connection, self._selection, Order.NEWEST_FIRST, few, values)
        else:
            # The plus keeps SQLite from looking each of them up.
            within = f"+documents.id IN (SELECT * FROM ({matching}) UNION ALL {listed})"
            yield from self._select(within, values)

    def _matching(self, rank: int) -> tuple[str, dict[str, str]]:
        """The query for the documents that can match with that rank, and its values.

        For the last one each word may stand in the page or in an attachment.
        """
        former = self._in_all_versions or self._selection.as_of_ms is not None
        if rank < LAST_RANK:
            wanted = expression(self._words, former=former, column=_COLUMNS[rank])
            return "SELECT rowid FROM search_titles WHERE search_titles MATCH :wanted", {
                "wanted": wanted
            }
        if not files_reach(self._connection).is_current:
            wanted = expression(self._words, former=former)
            return "SELECT rowid FROM search_terms WHERE search_terms MATCH :wanted", {
                "wanted": wanted
            }
        values: dict[str, str] = {}
        pieces = []
        for place, word in enumerate(self._words[:_MOST_WORDS]):
            values[f"page{place}"] = expression([word], former=former)
            values[f"file{place}"] = expression([word])
            pieces.append(
                f"""SELECT * FROM (
                    SELECT rowid FROM search_terms WHERE search_terms MATCH :page{place}
                    UNION SELECT document_id FROM search_files
                    JOIN search_holders ON body_id = search_files.rowid
                    WHERE search_files MATCH :file{place})"""
            )
        return " INTERSECT ".join(pieces), values

    def _select(self, within: str, values: dict[str, str]) -> Iterator[tuple[int, int]]:
        return chosen(self._connection, self._selection, Order.NEWEST_FIRST, within, values)
