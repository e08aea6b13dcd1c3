"""The ledger."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from archive.presentation import Row, cells

_KIND_STYLE = {
    "created": "green",
    "content": "cyan",
    "validity": "bold yellow",
    "withdrawn": "red",
    "collision": "red",
    "divergence": "magenta",
}
# Two values longer than this together stand one above the other.
_SHORT = 60


def change_lines(rows: Iterable[Row]) -> Iterable[Text]:
    """The ledger: what a change is of on one line, what was and what is on the next ones."""
    for row in rows:
        line = Text(f"{row['at']}  ", style="dim")
        line.append(f"{row['kind']:<11}", style=_KIND_STYLE.get(row["kind"], "bold"))
        line.append(f"{row['title']}  ", style="default not dim")
        line.append(row["index_number"] or row["url"])
        if row["baseline"]:
            line.append("  (baseline)")
        yield line
        yield from _before_and_after(row)


def _before_and_after(row: Row) -> Iterable[Text]:
    before, after = row["before"], row["after"]
    if before is None and after is None:
        return
    name = f"{row['field']}: " if row["field"] else ""
    if row["kind"] == "content" or len(before or "") + len(after or "") > _SHORT:
        if name:
            yield Text(f"    {name}", style="dim")
        for sign, text, style in (("-", before, "red"), ("+", after, "green")):
            for part in text.split("\n") if text else ():
                yield Text(f"    {sign} {cells(part)}", style=style)
        return
    line = Text(f"    {name}", style="dim")
    line.append(before or "–", style="red not dim")
    line.append(" → ")
    line.append(after or "–", style="green not dim")
    yield line
