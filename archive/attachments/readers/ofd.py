"""OFD, the Chinese standard for fixed documents (GB/T 33190): a ZIP archive of XML."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from archive.attachments.readers.found import Found, Lines, opened_zip
from archive.attachments.readers.layout import Page, PrintedLine, joined, paragraphs
from archive.attachments.text import Outcome, UnreadableError

# In heights of the characters: how far apart pieces of one line are cells of a row, and words.
_CELLS_APART = 1.5
_WORDS_APART = 0.6
_FILLS = 0.5
_A4 = (0.0, 0.0, 210.0, 297.0)


class _Box(NamedTuple):
    left: float
    top: float
    width: float
    height: float


def read(body: bytes) -> Found:
    """Its text page by page; raises UnreadableError where its pages are pictures."""
    lines = Lines()
    scanned: list[int] = []
    with opened_zip(body) as archive:
        pages = list(_pages(archive))
        paragraphs(_printed(archive, pages, scanned), lines)
    if scanned and not lines:
        raise UnreadableError(
            Outcome.SCANNED, f"its {len(scanned)} pages are pictures, without characters to be read"
        )
    if not lines:
        return Found("", "there are no characters in it")
    named = ", ".join(map(str, scanned[:20]))
    return lines.found(f"of its {len(pages)} pages these are pictures: {named}" if scanned else "")


def _printed(
    archive: zipfile.ZipFile, pages: list[tuple[str, _Box]], scanned: list[int]
) -> Iterator[Page]:
    for number, (path, box) in enumerate(pages, 1):
        root = _xml(archive, path)
        own = next(_named(root, "PhysicalBox"), None)
        box = _box(own.text) if own is not None else box
        lines = list(_lines(root))
        if lines:
            yield Page(lines, box.height)
            continue
        pictures = (_box(one.get("Boundary")) for one in _named(root, "ImageObject"))
        covered = sum(one.width * one.height for one in pictures)
        if covered >= _FILLS * box.width * box.height:
            scanned.append(number)


def _pages(archive: zipfile.ZipFile) -> Iterator[tuple[str, _Box]]:
    """Where each page's content is, and how large it is unless it says so itself."""
    names = {name.lower() for name in archive.namelist()}
    start = next(name for name in archive.namelist() if name.lower().endswith("ofd.xml"))
    for root_of in _named(_xml(archive, start), "DocRoot"):
        path = _beside(start, root_of.text or "")
        document = _xml(archive, path)
        area = next(_named(document, "PhysicalBox"), None)
        box = _box(area.text) if area is not None else _Box(*_A4)
        for pages in document.iterchildren():
            if _name(pages) != "Pages":
                continue
            for page in _named(pages, "Page"):
                content = _beside(path, page.get("BaseLoc") or "")
                if content.lower() in names:
                    yield content, box


def _lines(root: Any) -> Iterator[PrintedLine]:  # noqa: ANN401 lxml's elements
    """The lines of a page: pieces of text that stand at one height, from left to right."""
    pieces = []
    for one in _named(root, "TextObject"):
        text = "".join(code.text or "" for code in _named(one, "TextCode"))
        box = _box(one.get("Boundary"))
        if text.strip():
            pieces.append((box, text))
    pieces.sort(key=lambda piece: (piece[0].top, piece[0].left))
    line: list[tuple[_Box, str]] = []
    for box, text in pieces:
        if line and box.top + box.height / 2 > line[0][0].top + line[0][0].height:
            yield _line(line)
            line = []
        line.append((box, text))
    if line:
        yield _line(line)


def _line(pieces: list[tuple[_Box, str]]) -> PrintedLine:
    pieces.sort(key=lambda piece: piece[0].left)
    first = pieces[0][0]
    text, right, is_row = "", first.left, False
    for box, piece in pieces:
        gap = (box.left - right) / max(box.height, 1.0)
        if text and gap > _CELLS_APART:
            text += "\t" + piece
            is_row = True
        else:
            text = joined(text, piece) if gap > _WORDS_APART else text + piece
        right = max(right, box.left + box.width)
    bottom = max(box.top + box.height for box, _ in pieces)
    return PrintedLine(text, first.left, right, first.top, bottom, is_row)


def _xml(archive: zipfile.ZipFile, path: str) -> Any:  # noqa: ANN401
    exact = {name.lower(): name for name in archive.namelist()}
    data = archive.read(exact[path.lower()])
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def _beside(path: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _named(parent: Any, name: str) -> Iterator[Any]:  # noqa: ANN401
    """The elements of that name below another, in whatever namespace."""
    return (one for one in parent.iter() if _name(one) == name)


def _name(element: Any) -> str:  # noqa: ANN401
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _box(text: str | None) -> _Box:
    numbers = [float(one) for one in (text or "").split()[:4]]
    return _Box(*numbers) if len(numbers) == 4 else _Box(0.0, 0.0, 0.0, 0.0)
