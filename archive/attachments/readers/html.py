"""Web pages that are linked as files, or go by the name of a Word document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html

from archive.attachments.readers.found import Found, Lines
from archive.attachments.readers.plain import text_of

# Elements before and after which a line ends.
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br caption center dd div dl dt fieldset figure footer"
        " form h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table tbody tfoot thead title"
        " tr ul",
    )
)
_UNSHOWN = frozenset({"script", "style", "template", "noscript", "head"})


def read(body: bytes) -> Found:
    """Its blocks as lines, the rows of its tables with their cells apart."""
    text = text_of(body) or ""
    # A declared encoding would be believed against what the text is already decoded from.
    root = lxml_html.fromstring(text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    lines = Lines()
    _walk(root, lines)
    return lines.found()


def _walk(root: Any, lines: Lines) -> None:  # noqa: ANN401 lxml's elements
    """Every piece of text in order; a line ends where a block begins or ends."""
    line: list[str] = []

    def end() -> None:
        lines.add("".join(line))
        line.clear()

    # With a stack of its own, since what is nested deeply must not end the process.
    stack: list[tuple[Any, bool]] = [(root, True)]
    while stack:
        element, entering = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else None
        if not entering:
            if tag in _BLOCKS:
                end()
            line.append(element.tail or "")
            continue
        stack.append((element, False))
        if tag is None or tag in _UNSHOWN:
            continue
        if tag in _BLOCKS:
            end()
        if tag == "tr":
            lines.add_row("".join(_texts(cell)) for cell in element if cell.tag in ("td", "th"))
            continue
        line.append(element.text or "")
        stack.extend((child, True) for child in reversed(element))
    end()


def _texts(cell: Any) -> Iterator[str]:  # noqa: ANN401
    for one in cell.iter():
        if isinstance(one.tag, str) and one.tag not in _UNSHOWN:
            yield " " if one.tag in _BLOCKS else ""
            yield one.text or ""
        if one is not cell:
            yield one.tail or ""
