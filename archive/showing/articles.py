"""How a comparison by articles looks to a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.text import Text

from archive.diff import diff_texts
from archive.law.comparison.alignment import ArticleChange
from archive.revision import Revision
from archive.showing.readings import (
    attachment_heading,
    attachment_lines,
    folded_lines,
    revision_heading,
)

_STYLES = {
    "amended": "bold cyan",
    "inserted": "bold green",
    "repealed": "bold red",
    "renumbered": "dim",
    "moved": "magenta",
    "split": "bold magenta",
    "merged": "bold magenta",
}


_CLAUSES = {"replace": "{}", "insert": "{} inserted", "delete": "former {} repealed"}


def article_lines(revision: Revision) -> Iterable[Text]:
    """What became of each article, of the page and of attachments, with what differs."""
    yield from revision_heading(revision)
    changes = revision.articles()
    yield from _unit_lines(changes)
    for one in revision.attachment_texts:
        inside = one.articles()
        yield from attachment_heading(one) if inside else attachment_lines(one)
        if inside:
            yield from _unit_lines(inside)
            yield from _count_lines(inside)
    yield from _count_lines(changes)
    if revision.comparison.is_empty:
        yield Text("no difference")


def _unit_lines(changes: Sequence[ArticleChange]) -> Iterable[Text]:
    for changed, group in groupby(changes, lambda one: one.op != "equal"):
        rows = list(group)
        if changed:
            for row in rows:
                yield from _change_lines(row, changes)
        elif len(rows) < len(changes):
            yield Text(f"  … {len(rows)} unchanged", style="dim")


def _count_lines(changes: Sequence[ArticleChange]) -> Iterable[Text]:
    counts = Counter(one.op for one in changes if one.is_first)
    told = ", ".join(f"{count} {op}" for op, count in counts.items() if op != "equal")
    if told:
        yield Text(f"{told}, {counts['equal']} unchanged")


def _change_lines(change: ArticleChange, changes: Sequence[ArticleChange]) -> Iterator[Text]:
    said = _sentence(change, changes)
    if said is not None:
        yield Text(said, style=_STYLES[change.op])
    before, after = change.before, change.after
    if change.op in ("amended", "split", "merged"):
        before = "".join(span.before for span in change.spans)
        after = "".join(span.after for span in change.spans)
    elif change.op not in ("inserted", "repealed"):
        return
    yield from folded_lines(diff_texts((before or "").strip("\n"), (after or "").strip("\n")))


def _sentence(change: ArticleChange, changes: Sequence[ArticleChange]) -> str | None:
    """What became of the unit; None for a row that belongs to one before it."""
    before, after = change.names
    match change.op:
        case "inserted":
            return f"{after} inserted"
        case "repealed":
            return f"{before} repealed"
        case "renumbered":
            return f"former {before} is now {after} and otherwise unchanged"
        case "moved":
            was, now = change.headings
            return f"{after} moved from {was or 'the top'} to {now or 'the top'}, unchanged"
        case "split":
            if not change.is_first:
                return None
            parts = [one.names[1] for one in changes if one.old is change.old]
            return f"{before} split into {_listed(parts)}"
        case "merged":
            if not change.is_first:
                return None
            parts = [one.names[0] for one in changes if one.new is change.new]
            return f"{_listed(parts)} merged into {after}"
    amended = "amended, in the numbers that it refers to" if change.references_only else "amended"
    clauses = [_CLAUSES[one.op].format(one.name) for one in change.clauses]
    if clauses:
        amended += f" ({', '.join(clauses)})"
    if not change.has_other_number:
        return f"{after} {amended}"
    return f"former {before} is now {after}, {amended}"


def _listed(names: Sequence[str | None]) -> str:
    known = [name or "–" for name in names]
    return f"{', '.join(known[:-1])} and {known[-1]}"
