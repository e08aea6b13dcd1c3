"""The files that a 修订对照表 is written to, by their endings."""

from __future__ import annotations

from archive.law.tables.table import revision_table
from archive.revision import Revision

ENDINGS = (".docx", ".xlsx", ".html")
"""The endings of the files that a table is written to."""


def table_file(ending: str, revision: Revision, *, whole: bool = False) -> bytes:
    """The table of a revision as the bytes of a file with this `ending`: .docx, .xlsx or .html.

    With `whole`, what did not change is in it as well. Raises ValueError for another ending.
    """
    table = revision_table(revision, whole=whole)
    # Each of the libraries takes longer to load than a table to write.
    if ending == ".docx":
        from archive.law.tables.docx import docx_table

        return docx_table(table)
    if ending == ".xlsx":
        from archive.law.tables.xlsx import xlsx_table

        return xlsx_table(table)
    if ending == ".html":
        from archive.law.tables.page import page_table

        return page_table(table).encode()
    raise ValueError(f"no table is written as {ending}")
