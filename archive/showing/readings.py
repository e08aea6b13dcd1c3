"""What is read of a page, and how two versions, or two readings, compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from archive.attachments.comparison import AttachmentComparison
from archive.attachments.text import Outcome
from archive.diff import LineChange
from archive.presentation import cells
from archive.reading import Reading
from archive.rereading import DocumentReread, Tally
from archive.revision import Comparison, Revision

# Beside a changed line, this many unchanged ones are shown on either side.
_CONTEXT = 1


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
    for one in revision.attachment_texts:
        yield from attachment_lines(one)
    if revision.comparison.is_empty:
        yield Text("no difference")


def attachment_heading(one: AttachmentComparison) -> Iterable[Text]:
    """Which attachment it is that something changed in."""
    yield Text(f"in {one.name}:", style="bold")


def attachment_lines(one: AttachmentComparison) -> Iterable[Text]:
    """What changed inside an attachment, or why that cannot be said."""
    yield from attachment_heading(one)
    for side, found in (("before", one.before), ("after", one.after)):
        if found.outcome is not Outcome.READ:
            yield Text(f"  {side}: {found.outcome.value}  {found.note}".rstrip(), style="yellow")
    yield from folded_lines(one.text)
    if one.is_too_long:
        yield Text("  its texts are too long to be compared here", style="yellow")
    if one.says_the_same:
        yield Text("  its bytes differ, its text does not", style="dim")


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
    """The comparison of two texts, with unchanged stretches folded.

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
        yield Text(f"  {cells(line.after or '')}")
    elif line.op == "delete":
        yield Text(f"- {cells(line.before or '')}", style="red")
    elif line.op == "insert":
        yield Text(f"+ {cells(line.after or '')}", style="green")
    else:
        before, after = Text("- "), Text("+ ")
        for span in line.spans:
            if span.op == "equal":
                before.append(cells(span.before))
                after.append(cells(span.after))
                continue
            if span.before:
                before.append(f"[-{cells(span.before)}-]", style="bold red")
            if span.after:
                after.append(f"{{+{cells(span.after)}+}}", style="bold green")
        yield before
        yield after
