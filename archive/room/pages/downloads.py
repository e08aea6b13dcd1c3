"""Files made of what is asked for: lists as tables, receipts, revision tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson
from starlette.responses import Response, StreamingResponse

from archive.errors import ConfigurationError, NotFoundError
from archive.export.rows import LIST_COLUMNS, write_csv, write_jsonl
from archive.law.tables.files import table_file
from archive.questions.changes import COLUMNS
from archive.room.change_query import change_filter
from archive.room.document_query import selection
from archive.room.paging import all_entries
from archive.room.received import disposition
from archive.room.visit import Visit

Row = dict[str, Any]

MOST_ROWS = 50_000
# Of a revision table, of which each takes some milliseconds to write.
_MOST_TABLE_ROWS = 3000
_TABLES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
}
_AT_A_TIME = 500
_IN_MEMORY = 1 << 20
_PIECE = 1 << 16


class TooManyRowsError(ConfigurationError):
    """A list that is too long to be handed out in one go."""

    def __init__(self) -> None:
        super().__init__(
            f"that is more than {MOST_ROWS:,} rows; narrow it down, or take `yange export`"
        )


def documents_csv(visit: Visit) -> Response:
    """The documents of the list, or of a search, as a table for spreadsheets."""
    return _table(_documents(visit), LIST_COLUMNS, "documents.csv")


def documents_jsonl(visit: Visit) -> Response:
    """The same as JSON, one a line."""
    return _lines(_documents(visit), "documents.jsonl")


def changes_csv(visit: Visit) -> Response:
    """The changes that match, newest first, as a table for spreadsheets."""
    return _table(_changes(visit), COLUMNS, "changes.csv")


def changes_jsonl(visit: Visit) -> Response:
    """The same as JSON, one a line."""
    return _lines(_changes(visit), "changes.jsonl")


def receipt(visit: Visit) -> Response:
    """The receipt for a version (docs/receipt.md)."""
    made = visit.catalogue.receipt(visit.place("id"), version=visit.place("version"))
    name = f"receipt-{visit.place('id')}-{visit.place('version')}.json"
    return _handed_out(orjson.dumps(made, option=orjson.OPT_INDENT_2), "application/json", name)


def revision_table(visit: Visit) -> Response:
    """The 修订对照表 of a comparison, as a Word document, a sheet or a page."""
    before, after = visit.place("before"), visit.place("after")
    ending = str(visit.request.path_params["ending"])
    if ending not in _TABLES:
        raise NotFoundError(f"no revision table is written as {ending}")
    revision = visit.revision(visit.place("id"), before, after)
    texts = [revision.comparison.text, *(one.text for one in revision.attachment_texts)]
    changed = sum(line.op != "equal" for lines in texts for line in lines)
    if changed > _MOST_TABLE_ROWS:
        raise TooManyRowsError
    title = (revision.title or str(visit.place("id")))[:60]
    made = visit.apart.do(table_file, f".{ending}", revision)
    return _handed_out(made, _TABLES[ending], f"修订对照表 {title} {before}-{after}.{ending}")


def _documents(visit: Visit) -> Iterator[Row]:
    chosen, words = selection(visit), visit.given("q")
    if words is None:
        return visit.catalogue.documents(chosen, limit=MOST_ROWS + 1)
    in_all = visit.given("all-versions") is not None
    results = visit.catalogue.search(words, chosen, in_all_versions=in_all)
    return (one.as_json() for one in islice(results, MOST_ROWS + 1))


def _changes(visit: Visit) -> Iterator[Row]:
    # A few at a time, since all of them at once would fill the memory.
    rows = all_entries(visit.catalogue, change_filter(visit), at_a_time=_AT_A_TIME)
    return ({name: row[name] for name in COLUMNS} for row in rows)


def _table(rows: Iterator[Row], columns: tuple[str, ...], name: str) -> Response:
    return _written(
        lambda out: write_csv(_no_more(rows), columns, out), "text/csv; charset=utf-8", name
    )


def _lines(rows: Iterator[Row], name: str) -> Response:
    return _written(lambda out: write_jsonl(_no_more(rows), out), "application/jsonl", name)


def _no_more(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, if they are not too many."""
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise TooManyRowsError
        yield row


def _written(write: Callable[[IO[bytes]], object], media_type: str, name: str) -> Response:
    """A file that is whole before any of it is sent: whoever takes it slowly keeps nobody waiting.

    Nor is a list that fails half-way taken for a whole one.
    """
    out = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 closed once it is sent
    try:
        write(out)
    except BaseException:
        out.close()
        raise
    length = out.tell()
    out.seek(0)
    return StreamingResponse(
        _pieces(out),
        headers={
            "Content-Disposition": disposition(name),
            "Content-Type": media_type,
            "Content-Length": str(length),
        },
    )


def _pieces(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        while piece := out.read(_PIECE):
            yield piece


def _handed_out(body: bytes, media_type: str, name: str) -> Response:
    return Response(
        body,
        headers={"Content-Disposition": disposition(name), "Content-Type": media_type},
    )
