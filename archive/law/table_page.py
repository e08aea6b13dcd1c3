"""A 修订对照表 as one self-contained HTML page, to be read, printed or handed over."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from archive.law.table import RevisionTable


@cache
def _template() -> Template:
    # What came from the portal is hostile: everything is escaped, and the page's own policy lets
    # nothing load or run.
    environment = Environment(
        loader=PackageLoader("archive"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("revision_table.html")


def page_table(table: RevisionTable) -> str:
    """The page, as text to be written in UTF-8."""
    return _template().render(table=table)
