"""Documents: in a table, on a sheet with the text, with their whole past, and as a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from archive.presentation import Row, table
from archive.showing.changes import change_lines

_VALIDITY_STYLE = {
    "valid": "green",
    "amended": "green",
    "partly_valid": "yellow",
    "not_yet_valid": "yellow",
    "invalid": "red",
    "repealed": "red",
}


def documents_table(rows: Sequence[Row]) -> Table:
    """The table of `list`."""
    laid_out = table("index number", "title", "validity", "published", "versions", "agency")
    for row in rows:
        laid_out.add_row(
            row["index_number"] or Text(row["url"], style="dim"),
            row["title"],
            _validity(row["validity_label"], row["validity"], withdrawn=_is_withdrawn(row)),
            (row["published_at"] or "")[:10],
            str(row["versions"]),
            row["issuing_agency"] or "",
        )
    return laid_out


def document_sheet(shown: Row) -> Iterable[Text | Table]:
    """The fields and the text of `show`."""
    yield Text(shown["title"], style="bold")
    sheet = Table.grid(padding=(0, 2))
    for name in (
        "index_number",
        "document_number",
        "issuing_agency",
        "category",
        "summary",
        "written_on",
        "published_at",
        "repealed_on",
        "validity_label",
        "url",
        "status",
        "captured_at",
        "confirmed_at",
        "content_sha256",
    ):
        value = shown[name]
        if name == "validity_label":
            cell = _validity(value, shown["validity"], withdrawn=False)
        else:
            cell = Text("–" if value is None else str(value))
        sheet.add_row(Text(name, style="dim"), cell)
    sheet.add_row(Text("version", style="dim"), Text(f"{shown['version']} of {shown['versions']}"))
    yield sheet
    yield Text("")
    yield Text(shown["text"] or "(no text)")
    for one in shown["attachments"]:
        size = "not fetched" if one["sha256"] is None else f"{one['bytes']} bytes"
        yield Text(f"attachment: {one['name']}  {one['url']}  ({size})", style="dim")
        text = one.get("text")
        if text is None:
            continue
        said = f"text: {text['outcome']}, {text['chars']} characters, by {text['reader']}"
        yield Text(f"    {said}{'; ' + text['note'] if text['note'] else ''}", style="dim")
        if text.get("content"):
            yield Text(text["content"])


def history_tables(history: Row) -> Iterable[Text | Table]:
    """The tables of `history`."""
    yield Text(history["changes"][-1]["title"], style="bold")
    yield Text("numbers: " + (", ".join(history["numbers"]) or "none"))
    places = table("location", "status", "first seen", "last seen")
    for one in history["locations"]:
        places.add_row(one["url"], one["status"], one["first_seen"], one["last_seen"] or "never")
    yield places
    versions = table("version", "captured", "validity", "changes", "text's sha256")
    for one in history["versions"]:
        versions.add_row(
            str(one["version"]),
            one["captured_at"],
            _validity(None, one["validity"], withdrawn=False),
            ", ".join(one["changes"]),
            one["content_sha256"][:16],
        )
    yield versions
    yield from change_lines(history["changes"])


def receipt_sheet(receipt: Row) -> Table:
    """What a receipt of `receipt` is for."""
    entry, seal = receipt["entry"], receipt["seal"]
    sheet = Table.grid(padding=(0, 2))
    for name, value in (
        ("title", receipt["version"]["fields"]["title"]),
        ("version", receipt["version"]["version"]),
        ("url", receipt["version"]["url"]),
        ("page", receipt["version"]["body_sha256"]),
        ("entry", f"{entry['seq']} of {seal['ledger_length']}"),
        ("seal", receipt["sha256"]["seal"]),
        ("of run", seal["run"]["id"]),
    ):
        sheet.add_row(Text(name, style="dim"), Text(str(value)))
    return sheet


def _validity(label: str | None, validity: str, *, withdrawn: bool) -> Text:
    text = Text(label or validity, style=_VALIDITY_STYLE.get(validity, "dim"))
    if withdrawn:
        text.append(" (withdrawn)", style="red")
    return text


def _is_withdrawn(row: Row) -> bool:
    return bool(row["status"] == "withdrawn")
