"""How claims, conflicts, days and lists look to a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from archive import presentation as people

if TYPE_CHECKING:
    from archive.settings import WatchList

Row = dict[str, Any]

_KINDS = {
    "past_repealed_on": "shown as in force past its 废止日期",
    "past_own_term": "shown as in force past its own term",
    "repealed_by_another": "shown as in force, repealed by another",
    "ended_too_early": "shown as ended before its end",
    "collision": "one number, two documents",
    "divergence": "copies disagree",
    "serial_gap": "numbers are missing",
}
_SAYS = {
    "repeals": "repeals",
    "amends": "amends",
    "effective_from": "in force from",
    "effective_until": "in force until",
    "term": "in force for",
    "extends": "longer by",
}
_STANDING = {"in_force": "in force", "not_in_force": "not in force", None: "–"}
_QUOTE = 90
_MOST_MISSING = 8


def claim_lines(rows: Sequence[Row]) -> Iterable[Text]:
    """The claims of documents, each with its words."""
    source = None
    for row in rows:
        if row["source"] != source:
            source = row["source"]
            yield Text(f"{source}  version {row['version']}", style="bold")
        line = Text("  ")
        line.append(f"{_SAYS[row['kind']]:<15}", style="cyan")
        if row["kind"] in ("repeals", "amends") or row["target"] != row["source"]:
            name = " ".join(
                part
                for part in (
                    f"《{row['target_title']}》" if row["target_title"] else "",
                    row["target_document_number"] or "",
                )
                if part
            )
            line.append(f"{name}  ")
            if row["target"]:
                line.append(row["target"], style="dim")
            else:
                line.append("not in the archive", style="yellow")
            line.append("  ")
        if "part" in row:
            line.append(f"{row['part']}  ")
        if row["period"]:
            line.append(f"{row['period']}  ")
        if row["effective_on"]:
            line.append(f"from {row['effective_on']}" if row["period"] else row["effective_on"])
        yield line
        yield Text(f"      “{_short(row['quote'])}”", style="dim")
    yield Text(f"{len(rows)} claims")


def conflict_lines(rows: Sequence[Row]) -> Iterable[Text]:
    """Conflicts, each with its evidence in a line or two."""
    for row in rows:
        head = Text(f"{row['id']}  ")
        head.append(_KINDS[row["kind"]], style="dim" if row["resolved_at"] else "bold yellow")
        head.append(f"  {row['index_number'] or ''}")
        yield head
        for line in _evidence(row["kind"], row["evidence"]):
            yield Text(f"    {line}")
        seen = f"    first seen {row['first_seen']}"
        if row["resolved_at"]:
            seen += f", resolved {row['resolved_at']}"
        yield Text(seen, style="dim")
    still = sum(row["resolved_at"] is None for row in rows)
    resolved = f", {len(rows) - still} resolved" if len(rows) > still else ""
    yield Text(f"{still} open conflicts{resolved}")


def _evidence(kind: str, told: Row) -> Iterable[str]:
    if kind == "serial_gap":
        missing = ", ".join(told["missing"][:_MOST_MISSING])
        more = told["missing_count"] - min(len(told["missing"]), _MOST_MISSING)
        yield f"{told['series']}: {missing}" + (f" and {more} more" if more > 0 else "")
        yield f"{told['present']} there, from {told['first']} to {told['last']}"
        return
    if kind == "collision":
        for one in told["documents"]:
            yield f"{one['title']}  {one['url']}"
        return
    if kind == "divergence":
        yield told["title"]
        yield from told["locations"]
        return
    yield f"{told['title']}  {told['url']}"
    shown = f"shown as {told['validity_label']}"
    if told["repealed_on"]:
        shown += f", 废止日期 {told['repealed_on']}"
    if told.get("last_day"):
        shown += f", its last day is {told['last_day']}"
    yield shown
    claim = told.get("claim")
    if claim:
        by = f"{told['by_title']} ({claim['source']}): " if "by_title" in told else ""
        day = f", from {claim['effective_on']}" if kind == "repealed_by_another" else ""
        yield f"{by}“{_short(claim['quote'])}”{day}"


def in_force_table(rows: Sequence[Row], day: date) -> Iterable[Table | Text]:
    """The documents in force on a day by either account."""
    laid_out = people.table("index number", "title", "portal", "claims", "")
    for row in rows:
        laid_out.add_row(
            row["index_number"] or Text(row["url"], style="dim"),
            row["title"],
            _STANDING[row["portal"]],
            _STANDING[row["claims"]],
            Text("differs", style="bold yellow") if row["differs"] else "",
        )
    yield laid_out
    differ = sum(row["differs"] for row in rows)
    yield Text(f"{len(rows)} documents in force on {day.isoformat()}; {differ} differ")


def calendar_table(rows: Sequence[Row]) -> Iterable[Table | Text]:
    """What will run out."""
    laid_out = people.table("last day", "index number", "title", "why", "in which words")
    for row in rows:
        laid_out.add_row(
            row["last_day"],
            row["index_number"] or Text(row["url"], style="dim"),
            row["title"],
            row["reason"].replace("_", " "),
            _short(row["claim"]["quote"]) if row["claim"] else "",
        )
    yield laid_out
    yield Text(f"{len(rows)} ends lie ahead")


def watch_table(lists: Mapping[str, WatchList]) -> Iterable[Table | Text]:
    """The lists and what they name."""
    laid_out = people.table("list", "documents", "words", "agencies", "categories")
    for name, one in lists.items():
        laid_out.add_row(
            name,
            *("\n".join(entries) for entries in (one.documents, one.words, one.agencies)),
            "\n".join(one.categories),
        )
    yield laid_out
    if not lists:
        yield Text("no lists; name some under `watch` in the configuration")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _QUOTE else f"{words[: _QUOTE - 1]}…"
