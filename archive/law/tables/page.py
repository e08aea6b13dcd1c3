"""A 修订对照表 as one self-contained HTML page, to be read, printed or handed over."""

from __future__ import annotations

from archive.law.tables.table import RevisionTable
from archive.revision_page import page_template


def page_table(table: RevisionTable) -> str:
    """The page, as text to be written in UTF-8."""
    return page_template("revision_table.html").render(table=table)
