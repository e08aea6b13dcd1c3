"""One entry of the ledger in words that a person can act on: pure.

A row is one of `changes`. Where it also has `issuing_agency`, that is told as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.comparison import Kind
from archive.telling.excerpt import excerpt
from archive.telling.prose import Line, Piece, printable
from archive.telling.wording import Row, Wording

_ARROW = " → "
_LONGEST_TITLE = 120
# Two values that are shorter than this together stand one after the other.
_SHORT = 60
_VALUES = frozenset({Kind.VALIDITY, Kind.METADATA, Kind.RENUMBERED})


def title_of(row: Row) -> str:
    """The document's title on one line; its number or address where it has none."""
    title = printable(row["title"] or row["index_number"] or row["url"])
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"


def summary(row: Row, wording: Wording) -> str:
    """What happened in a few words: `有效性：有效 → 废止`, `新发布`."""
    kind = wording.kinds[row["kind"]]
    if row["kind"] in _VALUES:
        name = wording.fields[row["field"]]
        if _is_short(row):
            return f"{name}{wording.colon}{_values(row, wording)}"
        return wording.parenthesis.format(text=kind, inside=name)
    if row["kind"] == Kind.ATTACHMENT:
        return _file(row, wording)
    return kind


def headline(row: Row, wording: Wording) -> str:
    """The document and what happened to it, on one line."""
    return f"{title_of(row)} — {summary(row, wording)}"


def facts(row: Row, wording: Wording, portal: str | None = None) -> Line:
    """Who says so: number, agency, portal and when, as far as they are known."""
    known = [
        (wording.index_number, row["index_number"]),
        (wording.agency, row.get("issuing_agency")),
        (wording.portal, portal or row["portal"]),
        (wording.recorded, _moment(row["at"])),
    ]
    said = [f"{name}{wording.colon}{value}" for name, value in known if value]
    return Line.of(wording.separator.join(said))


def difference(row: Row, wording: Wording) -> Iterator[Line]:
    """What was there and what is there now: the values, or the characters that differ."""
    kind = row["kind"]
    yield Line.of(Piece(summary(row, wording), "strong"))
    if kind in (Kind.RELOCATED, Kind.DIVERGENCE, Kind.COLLISION):
        if kind != Kind.RELOCATED and row["before"]:
            yield _place(wording.other_copy, row["before"])
        if row["after"]:
            yield _place(wording.also_at, row["after"])
    elif kind == Kind.CONTENT or (kind in _VALUES and not _is_short(row)):
        found = excerpt(row["before"], row["after"])
        for line in found.lines:
            pieces = (Piece(one.text, "plain" if one.mark == "equal" else one.mark) for one in line)
            yield Line(tuple(pieces), "item")
        if found.left_out:
            yield Line.of(wording.more_lines.format(count=found.left_out), role="item")


def links(row: Row, wording: Wording, page: str | None) -> Iterator[Line]:
    """Where to look: in the reading room, with `page`, and on the portal."""
    if page is not None:
        name = wording.comparison if makes_version(row) else wording.in_room
        yield link(name, page, wording)
    yield link(wording.portal_page, row["url"], wording)


def link(name: str, address: str, wording: Wording) -> Line:
    """A line that leads somewhere. The address is spelled out: not every reader shows links."""
    return Line.of(f"{name}{wording.colon}", Piece(address, address=address))


def makes_version(row: Row) -> bool:
    """Whether there are two versions to compare."""
    return (row["version"] or 0) > 1 and row["kind"] in {*_VALUES, Kind.CONTENT, Kind.ATTACHMENT}


def _is_short(row: Row) -> bool:
    return len(row["before"] or "") + len(row["after"] or "") <= _SHORT


def _values(row: Row, wording: Wording) -> str:
    before, after = (printable(row[side] or "") or wording.nothing for side in ("before", "after"))
    return f"{before}{_ARROW}{after}"


def _file(row: Row, wording: Wording) -> str:
    if row["before"] is None:
        phrase = wording.file_added
    else:
        phrase = wording.file_removed if row["after"] is None else wording.file_replaced
    return phrase.format(name=printable(row["field"] or ""))


def _place(phrase: str, address: str) -> Line:
    before, _, after = phrase.partition("{address}")
    return Line((Piece(before), Piece(address, address=address), Piece(after)), "item")


def _moment(at: str) -> str:
    """An ISO time to the minute, its offset kept."""
    return f"{at[:10]} {at[11:16]} {at[19:]}"
