"""How what the archive answers looks to a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from archive.diff import LineChange
from archive.reading import Reading
from archive.rereading import DocumentReread, Tally
from archive.revision import Comparison, Revision
from archive.terminal import visible, visible_json

Row = dict[str, Any]

_VALIDITY_STYLE = {
    "valid": "green",
    "amended": "green",
    "partly_valid": "yellow",
    "not_yet_valid": "yellow",
    "invalid": "red",
    "repealed": "red",
}
_KIND_STYLE = {
    "created": "green",
    "content": "cyan",
    "validity": "bold yellow",
    "withdrawn": "red",
    "collision": "red",
    "divergence": "magenta",
}
OUTCOME_STYLE = {
    "finished": "green",
    "running": "cyan",
    "incomplete": "yellow",
    "interrupted": "yellow",
    "failed": "red",
}
_CAPTURE_STYLE = {
    "document": "green",
    "blocked": "red",
    "suspect": "yellow",
    "failed": "red",
    "gone": "magenta",
}
# Beside a changed line, this many unchanged ones are shown on either side.
_CONTEXT = 1
# What a table is laid out for where there is no terminal to ask.
_WIDTH_IN_A_PIPE = 160
# Two values longer than this together stand one above the other.
_SHORT = 60


class _Console(Console):
    """Shows control characters in whatever it prints, instead of sending them to the terminal."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(visible(text), style)


def console() -> Console:
    """Stdout for people: colours on a terminal only, and no markup read out of portal text."""
    width = None if sys.stdout.isatty() else _WIDTH_IN_A_PIPE
    return _Console(width=width, markup=False, highlight=False, emoji=False)


def print_json(value: object) -> None:
    """Print `value` as indented JSON, and nothing else."""
    data = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    sys.stdout.buffer.write(visible_json(data) + b"\n")
    sys.stdout.buffer.flush()


def as_json_file(value: object) -> bytes:
    """`value` as the indented JSON of a file."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def print_json_rows(name: str, rows: Iterable[Row], rest: Callable[[], Row]) -> None:
    """Print an object while its rows are found: these under `name`, then what is known after."""
    out = sys.stdout.buffer
    before = head = b"{" + orjson.dumps(name) + b": ["
    for row in rows:
        out.write(before + b"\n" + visible_json(orjson.dumps(row)))
        before = b","
    out.write((head if before is head else b"\n") + b"]")
    for key, value in rest().items():
        out.write(b",\n" + orjson.dumps(key) + b": " + visible_json(orjson.dumps(value)))
    out.write(b"}\n")
    out.flush()


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
                yield Text(f"    {sign} {_cells(part)}", style=style)
        return
    line = Text(f"    {name}", style="dim")
    line.append(before or "–", style="red not dim")
    line.append(" → ")
    line.append(after or "–", style="green not dim")
    yield line


def _cells(line: str) -> str:
    """A table row as people read it on one line."""
    return line.replace("\t", " │ ")


def runs_table(rows: Sequence[Row]) -> Table:
    """The table of `runs`; what was wrong with a run stands under its figures."""
    figures = ("pages", "created", "changed", "unchanged", "gone", "blocked", "failed", "requests")
    laid_out = table("run", "portal", "mode", "started", "finished", "outcome", *figures)
    for row in rows:
        laid_out.add_row(
            str(row["id"]),
            row["portal"],
            row["mode"],
            row["started_at"],
            row["finished_at"] or "",
            Text(row["outcome"], style=OUTCOME_STYLE.get(row["outcome"], "")),
            *(str(row[name]) for name in figures),
        )
    return laid_out


def problems(rows: Sequence[Row]) -> Iterable[Text]:
    """What was wrong with runs, a line each."""
    for row in rows:
        for problem in row["problems"]:
            yield Text(f"run {row['id']}: {problem}", style="yellow")


def captures_table(rows: Sequence[Row]) -> Table:
    """The table of `captures`."""
    laid_out = table("capture", "when", "run", "outcome", "reason", "status", "bytes", "url")
    for row in rows:
        reason = row["reason"] or ""
        if row["accepts"] is not None:
            reason = f"capture {row['accepts']}, accepted"
        elif row["accepted_as"] is not None:
            reason += f" (accepted as capture {row['accepted_as']})"
        laid_out.add_row(
            str(row["id"]),
            row["at"],
            str(row["run"]),
            Text(row["outcome"], style=_CAPTURE_STYLE.get(row["outcome"], "")),
            reason,
            str(row["status"] or ""),
            "" if row["bytes"] is None else str(row["bytes"]),
            row["url"],
        )
    return laid_out


def reading_sheet(url: str, reading: Reading) -> Iterable[Text]:
    """What a reader makes of a page: what it takes it for, the metadata, the text, the files."""
    yield Text(reading.fields.title or "(no title)", style="bold")
    yield Text(url, style="dim")
    judged = f"{reading.nature.value}: {reading.reason}" if reading.reason else reading.nature.value
    yield Text(f"taken for: {judged}", style="yellow")
    for label, value in reading.metadata:
        yield Text(f"{label}: {value}", style="dim")
    yield Text("")
    yield Text(reading.text or "(no text)")
    for one in reading.attachments:
        yield Text(f"attachment: {one.name}  {one.url}", style="dim")


def revision_lines(revision: Revision) -> Iterable[Text]:
    """The comparison of two versions."""
    yield from revision_heading(revision)
    yield from folded_lines(revision.comparison.text)
    if revision.comparison.is_empty:
        yield Text("no difference")


def revision_heading(revision: Revision) -> Iterable[Text]:
    """Which versions are compared, and their fields and attachments that differ."""
    yield Text(revision.title, style="bold")
    yield Text(
        f"{revision.index_number or revision.url}   version {revision.before}"
        f" ({revision.before_at}) → version {revision.after} ({revision.after_at})",
        style="dim",
    )
    yield from _field_lines(revision.comparison)


def reread_lines(found: DocumentReread) -> Iterable[Text]:
    """A document that the present reader would read differently."""
    yield Text(found.title, style="bold")
    for page in found.pages:
        shown = "shown last" if page.version is None else f"version {page.version}"
        yield Text(
            f"{found.index_number or ''}   {page.url}   {shown},"
            f" reader {page.readers[0]} → {page.readers[1]}".strip(),
            style="dim",
        )
        if page.judged is not None:
            yield Text(f"taken for: {page.judged[0]} → {page.judged[1]}", style="yellow")
        yield from _field_lines(page.comparison)
        yield from folded_lines(page.comparison.text)
    for sentence in found.damage:
        yield Text(sentence, style="red")
    yield Text("")


def tally_lines(tally: Tally, unshown: int) -> Iterable[Text]:
    """What a rereading came to, and that nothing comes of it."""
    if unshown:
        yield Text(f"… and {unshown} more documents (--limit)", style="dim")
    told = f"{tally.documents} documents read again from {tally.pages} stored pages: "
    if not (tally.different or tally.damaged):
        yield Text(f"{told}all as recorded")
        return
    names = ", ".join(f"{name} {count}" for name, count in tally.ranked())
    yield Text(
        f"{told}{tally.different} would be read differently" + (f" ({names})" if names else "")
    )
    if tally.damaged:
        yield Text(
            f"{tally.damaged} could not be read again; `yange verify` says more", style="red"
        )
    if tally.different:
        yield Text("This is our doing, not the portal's: no version and no change comes of it.")


def _field_lines(comparison: Comparison) -> Iterable[Text]:
    for one in (*comparison.fields, *comparison.attachments):
        line = Text(f"{one.field}: ", style="bold")
        line.append(one.before or "–", style="red")
        line.append(" → ")
        line.append(one.after or "–", style="green")
        yield line


def folded_lines(lines: Sequence[LineChange]) -> Iterable[Text]:
    """A comparison of texts, with unchanged stretches folded.

    Readable without colour: `-` and `+` stand before what went and what came, and inside a revised
    line what differs stands in [-…-] and {+…+}.
    """
    if all(line.op == "equal" for line in lines):
        return
    shown = {
        near
        for place, line in enumerate(lines)
        if line.op != "equal"
        for near in range(place - _CONTEXT, place + _CONTEXT + 1)
    }
    last = -1
    for place, line in enumerate(lines):
        if place not in shown:
            continue
        if place > last + 1:
            yield Text(f"  … {place - last - 1} unchanged", style="dim")
        last = place
        yield from _line(line)
    if last + 1 < len(lines):
        yield Text(f"  … {len(lines) - last - 1} unchanged", style="dim")


def _line(line: LineChange) -> Iterable[Text]:
    if line.op == "equal":
        yield Text(f"  {_cells(line.after or '')}")
    elif line.op == "delete":
        yield Text(f"- {_cells(line.before or '')}", style="red")
    elif line.op == "insert":
        yield Text(f"+ {_cells(line.after or '')}", style="green")
    else:
        before, after = Text("- "), Text("+ ")
        for span in line.spans:
            if span.op == "equal":
                before.append(_cells(span.before))
                after.append(_cells(span.after))
                continue
            if span.before:
                before.append(f"[-{_cells(span.before)}-]", style="bold red")
            if span.after:
                after.append(f"{{+{_cells(span.after)}+}}", style="bold green")
        yield before
        yield after


def table(*headings: str) -> Table:
    """An empty table in the style of all of them; what is too wide is folded, never cut."""
    empty = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        empty.add_column(heading, overflow="fold")
    return empty


def _validity(label: str | None, validity: str, *, withdrawn: bool) -> Text:
    text = Text(label or validity, style=_VALIDITY_STYLE.get(validity, "dim"))
    if withdrawn:
        text.append(" (withdrawn)", style="red")
    return text


def _is_withdrawn(row: Row) -> bool:
    return bool(row["status"] == "withdrawn")
