"""What a 修订对照表 says of attachments: which came or went, and what changed in others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.attachments.comparison import AttachmentComparison
from archive.attachments.text import Outcome
from archive.comparison import Difference
from archive.diff import LineChange
from archive.law.tables.rows import (
    DELETED,
    INSERTED,
    MARKS,
    Paragraph,
    Run,
    TableRow,
    rows_of,
    writable,
)
from archive.revision import Revision

_OPS = {"equal": "", "replace": "修改", "insert": "新增", "delete": "删除"}


def attachment_rows(revision: Revision, *, whole: bool) -> Iterator[TableRow]:
    """A heading for each attachment, and what changed in the texts of one that was replaced.

    With `whole`, what did not change in it is there as well.
    """
    texts = {one.name: one for one in revision.attachment_texts}
    for difference in revision.comparison.attachments:
        compared = texts.get(difference.field or "")
        yield _heading(difference, compared)
        if compared is not None:
            yield from _inside(compared, whole=whole)


def _heading(difference: Difference, compared: AttachmentComparison | None) -> TableRow:
    name = writable(f"附件：{difference.field or ''}")
    if difference.before is None:
        return _row((Run(INSERTED),), (Run(name, "inserted"),), "新增附件")
    if difference.after is None:
        return _row((Run(name, "deleted"),), (Run(DELETED),), "删除附件")
    return _row((Run(name),), (Run(name),), _remark(compared))


def _remark(compared: AttachmentComparison | None) -> str:
    """What can be said of a file that was replaced by another."""
    outcomes = {compared.before.outcome, compared.after.outcome} if compared else set()
    if compared is None or outcomes != {Outcome.READ}:
        scanned = "（扫描件）" if Outcome.SCANNED in outcomes else ""
        return f"文件已替换，文字无法比对{scanned}"
    if compared.is_too_long:
        return "文件已替换，文字过长，未予比对"
    return "文件已替换，文字未变" if compared.says_the_same else "文件已替换"


def _row(before: Paragraph, after: Paragraph, remark: str) -> TableRow:
    return TableRow(before=(before,), after=(after,), remark=remark, is_heading=True)


def _inside(compared: AttachmentComparison, *, whole: bool) -> Iterator[TableRow]:
    changes = compared.articles()
    if changes is not None:
        yield from rows_of(changes, whole=whole)
        return
    yield from _lines(compared.text, whole=whole)


def _lines(lines: Sequence[LineChange], *, whole: bool) -> Iterator[TableRow]:
    for line in lines:
        if whole or line.op != "equal":
            before, after = (_cell(line, side) for side in (0, 1))
            yield TableRow(before=(before,), after=(after,), remark=_OPS[line.op])


def _cell(line: LineChange, side: int) -> Paragraph:
    text = (line.before, line.after)[side]
    if text is None:
        return (Run((INSERTED, DELETED)[side]),)
    if line.op != "replace":
        return (Run(writable(text), "same" if line.op == "equal" else MARKS[side]),)
    parts = ((span.op, (span.before, span.after)[side]) for span in line.spans)
    return tuple(
        Run(writable(part), "same" if op == "equal" else MARKS[side]) for op, part in parts if part
    )
