"""The replica's columns and documents as data, read from `content/`.

Values are what the pages say, letter for letter; what a reader should make of them is worked out
in `expectations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from crawler.replica.attachments import make_file

Host = Literal["city", "agency"]
FIRST_EPOCH = "published"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell, with the numbers of rows and columns that it covers."""

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its rows of cells; a covered place has no cell, as in HTML."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or a picture in a body.

    `name` is the link's text or the picture's alternative text, `at` the address: absolute, or
    relative to each location of the document. `lines` is what the file says. `replaced_at` is the
    moment at which its bytes last changed, if they did.
    """

    name: str
    at: str
    lines: tuple[str, ...] = ()
    replaced_at: str | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it is shown in the page rather than linked."""
        return self.at.endswith(".png")

    @property
    def content(self) -> bytes:
        """The file's bytes, made anew but always the same."""
        return make_file(self.at.rpartition(".")[2], self.name, self.lines)


Block = str | Table | Attachment


@dataclass(frozen=True, slots=True)
class Location:
    """A place of publication: a column's key and the article's id there."""

    column: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document: the values that its pages state, and where it is published, first place first.

    `summary` None repeats the title. A document with a `by_line` (author and source) has no
    metadata. `charset` is how its pages are encoded, `announced_charset` what the header says.
    """

    key: str
    title: str
    locations: tuple[Location, ...]
    body: tuple[Block, ...]
    published: str
    index_number: str = ""
    document_number: str = ""
    issuing_agency: str = ""
    category: str = ""
    summary: str | None = None
    written: str = ""
    repealed: str = ""
    validity: str = ""
    by_line: tuple[str, str] | None = None
    charset: str = "utf-8"
    announced_charset: str = "utf-8"
    epoch: str = FIRST_EPOCH

    @property
    def attachments(self) -> Iterator[Attachment]:
        """The files and pictures of the body, in order."""
        return (block for block in self.body if isinstance(block, Attachment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: where and how it lists documents, and how the pages of its documents look.

    `path` has no trailing slash; `rows` is the size of a list's page; `dates` is a strftime format;
    `metadata` chooses the words and the shape of the metadata, none for documents that have a
    by-line. `links` are keys of documents that the list shows at another column's address,
    `elsewhere` rows that lead away from the portal. `renewed_charset` is for after the redesign.
    """

    key: str
    name: str
    host: Host
    path: str
    rows: int
    pager: Literal["static", "dynamic", "indexed"]
    list: Literal["ul", "table"]
    dates: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    elsewhere: tuple[Mapping[str, str], ...] = ()
    renewed_charset: str = "utf-8"

    def path_of(self, article: str) -> str:
        """The path of an article's page."""
        return f"{self.path}/{article}/index.html"


# Crawls begin with the first column, so of several locations the earliest here is a document's own.
COLUMN_KEYS = ("gfxwj", "wdrw", "zxgh", "jcygk", "tzgg", "zcjd", "nmwj", "jgxx")


@cache
def columns() -> Mapping[str, Column]:
    """All columns by their keys, in the order of `COLUMN_KEYS`."""
    return {key: _column(key, _content(key)) for key in COLUMN_KEYS}


@cache
def documents() -> Mapping[str, Document]:
    """All documents by their keys, those of later epochs included."""
    return {
        key: _document(key, column, {**content.get("defaults", {}), **entry})
        for column in COLUMN_KEYS
        for content in (_content(column),)
        for key, entry in content["documents"].items()
    }


@cache
def _content(key: str) -> dict[str, Any]:
    text = (files("crawler.replica") / "content" / f"{key}.yaml").read_text(encoding="utf-8")
    # The base loader makes strings alone (no dates, no numbers), and no objects either.
    content: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    return content


def _column(key: str, content: dict[str, Any]) -> Column:
    given = {name: content[name] for name in ("name", "host", "path", "pager", "list", "dates")}
    return Column(
        key=key,
        rows=int(content["rows"]),
        metadata=content.get("metadata", {}),
        links=tuple(content.get("links", ())),
        elsewhere=tuple(content.get("elsewhere", ())),
        renewed_charset=content.get("renewed_charset", "utf-8"),
        **given,
    )


def _document(key: str, column: str, entry: dict[str, Any]) -> Document:
    charset = entry.get("charset", "utf-8")
    return Document(
        key=key,
        title=entry["title"],
        locations=(
            Location(column, entry["article"]),
            *(Location(**also) for also in entry.get("also", ())),
        ),
        body=tuple(_block(block) for block in entry["body"]),
        published=entry["published"],
        index_number=entry.get("number", ""),
        document_number=entry.get("document_number", ""),
        issuing_agency=entry.get("agency", ""),
        category=entry.get("category", ""),
        summary=entry.get("summary"),
        written=entry.get("written", ""),
        repealed=entry.get("repealed", ""),
        validity=entry.get("validity", ""),
        by_line=(entry["author"], entry["source"]) if "author" in entry else None,
        charset=charset,
        announced_charset=entry.get("announced_charset", charset),
        epoch=entry.get("epoch", FIRST_EPOCH),
    )


def _block(block: str | dict[str, Any]) -> Block:
    match block:
        case str(text):
            return text
        case {"table": rows}:
            return Table(tuple(tuple(_cell(cell) for cell in row) for row in rows))
        case {"image": name, "at": at} | {"file": name, "at": at}:
            return Attachment(name, at, tuple(block.get("lines", ())))
    raise ValueError(f"no block of a body: {block!r}")


def _cell(cell: str | dict[str, str]) -> Cell:
    if isinstance(cell, str):
        return Cell(cell)
    return Cell(cell["text"], int(cell.get("rows", 1)), int(cell.get("columns", 1)))
