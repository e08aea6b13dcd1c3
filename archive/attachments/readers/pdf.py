"""PDF: paragraphs and tables, page by page; pages that are pictures are named as such."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfplumber.utils.exceptions import PdfminerException

from archive.attachments.limits import LIMITS
from archive.attachments.readers.found import Found, Lines
from archive.attachments.readers.layout import Page, PrintedLine, joined, paragraphs
from archive.attachments.text import Outcome, UnreadableError

# A picture of this part of a page is the page; a logo or a photograph is not.
_FILLS = 0.5
# Fonts that do not say which characters they show are written so by the library.
_NO_CHARACTER = re.compile(r"\(cid:\d+\)")
_UNKNOWN = "\ufffd"
# Printing programs set Chinese and Latin script a little apart, which looks like a space.
_SET_APART = re.compile(
    r"(?<=[\u3400-\u9fff]) (?=[A-Za-z0-9])|(?<=[A-Za-z0-9%]) (?=[\u3400-\u9fff])"
)
_MOSTLY = 0.3
# A table has at least so many lines drawn; fewer are underlined words and frames.
_FEWEST_EDGES = 4
_SETTINGS = {"x_tolerance": 2, "y_tolerance": 3}


def read(body: bytes) -> Found:
    """Its text; raises UnreadableError for what is pictures, encrypted or has no characters."""
    try:
        return _read(body)
    except PdfminerException as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, PDFPasswordIncorrect):
            raise UnreadableError(Outcome.ENCRYPTED) from error
        raise


def _read(body: bytes) -> Found:
    lines = Lines()
    scanned: list[int] = []
    with pdfplumber.open(io.BytesIO(body)) as document:
        if not document.pages:
            raise PDFSyntaxError("it has no pages")
        paragraphs(_pages(document, scanned), lines)
        count = len(document.pages)
    found = lines.found()
    if scanned and not found.text:
        which = "its page is a picture" if count == 1 else f"its {len(scanned)} pages are pictures"
        raise UnreadableError(Outcome.SCANNED, f"{which}, without characters to be read")
    if found.text.count(_UNKNOWN) > _MOSTLY * len(found.text):
        raise UnreadableError(
            Outcome.UNREADABLE_FORMAT, "its fonts do not say which characters they show"
        )
    if not found.text:
        return Found("", "there are no characters in it")
    if scanned:
        named = ", ".join(map(str, scanned[:20])) + (" …" if len(scanned) > 20 else "")
        return Found(found.text, f"of its {count} pages these are pictures: {named}")
    return found


def _pages(document: Any, scanned: list[int]) -> Iterator[Page]:  # noqa: ANN401 the library's
    chars = 0
    for page in document.pages:
        if page.chars:
            chars += len(page.chars)
            # Before anything is made of them: a page can be printed full a thousand times over.
            if chars > LIMITS.text_chars:
                raise UnreadableError(
                    Outcome.TOO_LARGE, f"it prints more than {LIMITS.text_chars:,} characters"
                )
            yield Page(list(_lines(page)), float(page.height))
        elif _is_picture(page):
            scanned.append(page.page_number)
        # What was made of a page is kept by the library until it is told otherwise.
        page.close()


def _is_picture(page: Any) -> bool:  # noqa: ANN401
    """Whether pictures cover most of a page; scanners often cut one into strips."""
    whole = float(page.width) * float(page.height)
    covered = 0.0
    for image in page.images:
        width = min(image["x1"], page.width) - max(image["x0"], 0)
        height = min(image["bottom"], page.height) - max(image["top"], 0)
        covered += max(float(width), 0.0) * max(float(height), 0.0)
    return covered >= _FILLS * whole


def _lines(page: Any) -> Iterator[PrintedLine]:  # noqa: ANN401
    """The lines and the tables' rows of a page, from its top to its bottom."""
    tables = page.find_tables() if len(page.edges) >= _FEWEST_EDGES else []
    tables = [table for table in tables if len(table.cells) > 1]
    boxes = [table.bbox for table in tables]
    rest = page.filter(lambda one: not _is_within(one, boxes)) if boxes else page
    pieces: list[tuple[float, list[PrintedLine]]] = [
        (line["top"], [_line(line)])
        for line in rest.extract_text_lines(return_chars=False, strip=True, **_SETTINGS)
    ]
    pieces += [(table.bbox[1], list(_rows(table))) for table in tables]
    pieces.sort(key=lambda piece: piece[0])
    for _, lines in pieces:
        yield from lines


def _line(line: dict[str, Any]) -> PrintedLine:
    return PrintedLine(_known(line["text"]), line["x0"], line["x1"], line["top"], line["bottom"])


def _rows(table: Any) -> Iterator[PrintedLine]:  # noqa: ANN401
    left, top, right, bottom = table.bbox
    for row in table.extract(**_SETTINGS):
        cells = [_cell(cell or "") for cell in row]
        yield PrintedLine("\t".join(cells), left, right, top, bottom, is_row=True)


def _cell(text: str) -> str:
    first, *others = _known(text).replace("\t", " ").split("\n")
    for other in others:
        first = joined(first, other)
    return first


def _is_within(one: dict[str, Any], boxes: list[tuple[float, float, float, float]]) -> bool:
    if "x0" not in one:
        return False
    across, down = (one["x0"] + one["x1"]) / 2, (one["top"] + one["bottom"]) / 2
    return any(
        left <= across <= right and top <= down <= bottom for left, top, right, bottom in boxes
    )


def _known(text: str) -> str:
    return _SET_APART.sub("", _NO_CHARACTER.sub(_UNKNOWN, text))
