"""How what a search found looks at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from archive.catalogue import Result
from archive.search.matching import Hit


def result_lines(results: Sequence[Result]) -> Iterable[Text]:
    """The documents found, with the pieces in which the words stand."""
    for result in results:
        row = result.row
        yield Text(row["title"], style="bold")
        line = Text(row["index_number"] or row["url"])
        said = [(row["published_at"] or "")[:10], row["issuing_agency"] or ""]
        if row["version"] != row["versions"]:
            said.append(f"version {row['version']} of {row['versions']}")
        if row["status"] == "withdrawn":
            said.append("withdrawn")
        line.append("".join(f"  {one}" for one in said if one), style="dim")
        yield line
        yield from map(_hit_line, result.hits)
        yield Text("")
    if not results:
        yield Text("nothing found")


def _hit_line(hit: Hit) -> Text:
    line = Text(f"    {hit.field}: ", style="dim")
    context = Text(hit.context, style="not dim")
    for start, end in hit.spans:
        context.stylize("bold yellow", start, end)
    return line.append_text(context)
