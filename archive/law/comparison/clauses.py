"""Paragraphs (款), items (项) and sub-items (目) inside an article, and which of them changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archive.diff import Op, diff_texts
from archive.law.articles.markers import ITEMS, Marker, marker_of
from archive.law.words.numerals import numeral_of

_WORDS = ("项", "目")
# An article in which more of them changed is read as a whole.
_MOST_NAMED = 5


class ClauseChange(NamedTuple):
    """A clause by its name, 第二款第一项, and what became of it."""

    op: Op
    name: str


def clause_names(text: str) -> list[str]:
    """The clause that each line of an article belongs to, as it is cited.

    A line without a number is a paragraph, a numbered one an item of the paragraph before it, or a
    sub-item of an item; the rows of a table belong to what they stand in. Where an article has one
    paragraph only, its items are cited without it.
    """
    lines = text.split("\n")
    markers = [_marker(line) for line in lines]
    starts = [
        marker is None and (place == 0 or "\t" not in line)
        for place, (line, marker) in enumerate(zip(lines, markers, strict=True))
    ]
    alone = sum(starts) == 1
    names: list[str] = []
    paragraph = 0
    levels: list[Marker] = []
    for marker, begins in zip(markers, starts, strict=True):
        if begins:
            paragraph += 1
            levels = []
        elif marker is not None:
            styles = [one.style for one in levels]
            if marker.style in styles:
                del levels[styles.index(marker.style) :]
            levels.append(marker)
        items = "".join(
            f"第{numeral_of(one.value[-1])}{word}"
            for one, word in zip(levels, _WORDS, strict=False)
        )
        of_article = f"第{numeral_of(paragraph)}款" if paragraph else ""
        names.append(items if alone and items else of_article + items)
    return names


def changed_clauses(before: str, after: str) -> tuple[ClauseChange, ...]:
    """Which clauses of an article changed, in the order of the new one.

    Nothing for an article of a single clause, or one in which too many changed to be named. That an
    item has another number is no change of it.
    """
    old, new = clause_names(before), clause_names(after)
    if max(len(set(old)), len(set(new))) < 2:
        return ()
    found = tuple(dict.fromkeys(_changes(before, after, old, new)))
    return found if len(found) <= _MOST_NAMED else ()


def _changes(before: str, after: str, old: list[str], new: list[str]) -> Iterator[ClauseChange]:
    i = j = 0
    for line in diff_texts(before, after):
        if line.before is not None and line.after is not None:
            if line.op == "replace" and _words(line.before) != _words(line.after):
                yield ClauseChange("replace", new[j])
        elif line.before is not None:
            # Of a clause of several lines, such as a table, one went.
            yield ClauseChange(
                "replace" if old[i] in new and "\t" in line.before else "delete", old[i]
            )
        else:
            assert line.after is not None
            yield ClauseChange("replace" if "\t" in line.after else "insert", new[j])
        i += line.before is not None
        j += line.after is not None


def _words(line: str) -> str:
    marker = _marker(line)
    return line if marker is None else marker.text


def _marker(line: str) -> Marker | None:
    marker = marker_of(line)
    return marker if marker is not None and marker.style in ITEMS else None
