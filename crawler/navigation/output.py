"""How found columns are shown: as rows of JSON, as a table, as lines of YAML."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import yaml
from rich.text import Text

from archive import presentation as people
from crawler.navigation.addresses import page_key
from crawler.navigation.survey import Column, Entry
from crawler.settings import PortalSettings

# Where the keys of a portal stand in a configuration, and so the items of its list of columns.
_INDENT = " " * 4


def column_row(column: Column, settings: PortalSettings) -> dict[str, Any]:
    """A found column for `--json`; `watched` tells how the configuration covers it already."""
    configured = {page_key(one.url) for one in settings.columns}
    watched = None
    if page_key(column.url) in configured:
        watched = "columns"
    elif any(Entry(one.url, one.depth, bounded=True).holds(column.url) for one in settings.under):
        watched = "under"
    return {
        "url": column.url,
        "name": column.name,
        "pages": column.pages,
        "rows": column.rows,
        "newest": column.newest,
        "watched": watched,
    }


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """Print found columns for people."""
    table = people.table("column", "pages", "rows", "newest", "watched", "address")
    for row in rows:
        table.add_row(
            Text(row["name"]),
            "?" if row["pages"] is None else str(row["pages"]),
            str(row["rows"]),
            row["newest"] or "",
            row["watched"] or "",
            Text(row["url"], overflow="fold"),
        )
    people.console().print(table)


def yaml_lines(rows: Sequence[dict[str, Any]], *, has_columns: bool) -> str:
    """What to add to the portal's section: the columns that it does not cover yet.

    With the key `columns` above them where the section has none.
    """
    items = [{"url": row["url"], "name": row["name"]} for row in rows if row["watched"] is None]
    if not items:
        return ""
    text = yaml.safe_dump(items, allow_unicode=True, sort_keys=False, width=1000)
    lines = textwrap.indent(text, _INDENT + "  ")
    return lines if has_columns else f"{_INDENT}columns:\n{lines}"
