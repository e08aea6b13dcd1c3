"""A 修订对照表: two versions side by side as legal departments hand them over. Pure.

What a table says is decided here, in the words of its readers; `docx`, `xlsx` and `page` write it
down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archive.fields import Fields
from archive.law.comparison.alignment import ArticleChange, ArticleOp
from archive.law.tables.attachments import attachment_rows
from archive.law.tables.rows import TableRow, rows_of, with_heights, writable
from archive.revision import Revision

LEGEND = (
    "红色加删除线的文字为修订前文本中删去的内容，蓝色加粗加下划线的文字为修订后文本中新增的内容。"
)
ATTACHED = "附件的变动列于正文之后。"
_WORDS: dict[ArticleOp, str] = {
    "amended": "修改",
    "inserted": "新增",
    "repealed": "删除",
    "split": "拆分",
    "merged": "合并",
    "moved": "移动",
    "renumbered": "序号调整",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionTable:
    """A whole table: its title, what is compared, how to read it, the rows, and their sum."""

    title: str
    about: tuple[tuple[str, str], ...]
    legend: str
    rows: tuple[TableRow, ...]
    sum: str
    columns: tuple[str, ...] = ("修订前", "修订后", "备注")


def revision_table(revision: Revision, *, whole: bool = False) -> RevisionTable:
    """The table of a revision; with `whole`, what did not change is in it as well."""
    changes = revision.articles()
    attached = list(attachment_rows(revision, whole=whole))
    return RevisionTable(
        title=title_of(revision),
        about=about(revision),
        legend=LEGEND,
        rows=tuple(with_heights([*rows_of(changes, whole=whole), *attached])),
        sum=_sum(changes, whole=whole) + (ATTACHED if attached else ""),
    )


def title_of(revision: Revision) -> str:
    """What stands above a table."""
    title = writable(revision.title)
    return f"{title if '《' in title else f'《{title}》'}修订对照表"


def about(revision: Revision) -> tuple[tuple[str, str], ...]:
    """What is compared, as labels and values."""
    before, after = (state.fields for state in revision.states)
    return (
        ("发文字号", _from_to(before.document_number, after.document_number)),
        ("索引号", revision.index_number or revision.url),
        ("修订前", _version(revision.before, before, revision.before_at)),
        ("修订后", _version(revision.after, after, revision.after_at)),
    )


def _sum(changes: Sequence[ArticleChange], *, whole: bool) -> str:
    counts = Counter(change.op for change in changes if change.is_first)
    told = "，".join(f"{word}{counts[op]}处" for op, word in _WORDS.items() if counts[op])
    if not told:
        return "两个版本的正文没有差异。"
    rest = "" if whole or not counts["equal"] else "；其余内容未作修改，本表从略"
    return f"本次修订{told}{rest}。"


def _from_to(before: str | None, after: str | None) -> str:
    if before == after:
        return writable(after or "无")
    return writable(f"{before or '无'} → {after or '无'}")


def _version(number: int, fields: Fields, captured_at: str) -> str:
    stated = [
        f"{label}{day}"
        for label, day in (
            ("成文日期", fields.written_on),
            ("公开日期", (fields.published_at or "")[:10]),
        )
        if day
    ]
    return "，".join([f"第{number}版", *stated, f"存档时间{captured_at[:16].replace('T', ' ')}"])
