"""A comparison as a 修订对照表 by paragraphs: two columns, a row for each paragraph that changed.

`archive.law.table` makes one by articles, with remarks. This one takes the comparison as it is, and
so shows what a page of it shows, also of texts that have no articles.
"""

from __future__ import annotations

from archive.diff import LineChange
from archive.law.table import (
    DELETED,
    INSERTED,
    LEGEND,
    Mark,
    Paragraph,
    RevisionTable,
    Run,
    TableRow,
    about,
    title_of,
    writable,
)
from archive.revision import Revision

COLUMNS = ("修订前", "修订后")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def paragraph_table(revision: Revision) -> RevisionTable:
    """The table of a comparison, in the order of the new text."""
    rows = tuple(_row(line) for line in revision.comparison.text if line.op != "equal")
    return RevisionTable(
        title=title_of(revision),
        about=about(revision),
        legend=LEGEND,
        rows=rows,
        sum=f"共{len(rows)}处不同；其余内容未作修改，本表从略。"
        if rows
        else "两个版本的正文没有差异。",
        columns=COLUMNS,
    )


def revision_docx(revision: Revision) -> bytes:
    """The table of a comparison as a Word document."""
    # Here, since it is slow to import.
    from archive.law.table_docx import docx_table

    return docx_table(paragraph_table(revision))


def _row(line: LineChange) -> TableRow:
    if line.op == "replace":
        before: Paragraph = tuple(
            _run(one.before, one.op == "equal", "deleted") for one in line.spans if one.before
        )
        after: Paragraph = tuple(
            _run(one.after, one.op == "equal", "inserted") for one in line.spans if one.after
        )
        return TableRow(before=(before,), after=(after,), remark="")
    return TableRow(
        before=(_whole(line.before, INSERTED, "deleted"),),
        after=(_whole(line.after, DELETED, "inserted"),),
        remark="",
    )


def _whole(text: str | None, instead: str, mark: Mark) -> Paragraph:
    return (Run(instead),) if text is None else (Run(writable(text), mark),)


def _run(text: str, is_same: bool, mark: Mark) -> Run:
    return Run(writable(text), "same" if is_same else mark)
