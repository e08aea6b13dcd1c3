"""Elements that lead somewhere as links do, but by a script: `onclick="location.href='…'"`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from crawler.reading.page import Page

_LONGEST_ADDRESS = 2000
# What is put together of several pieces is no address, hence the end.
_OPENS = re.compile(
    r"(?<![\w.])(?:(?:window|self|top|parent|document)\s*\.\s*)?"
    r"(?:location(?:\s*\.\s*href)?\s*=|location\s*\.\s*(?:assign|replace)\s*\(|open\s*\()"
    rf"\s*(?P<quote>['\"])(?P<address>[^'\"]{{1,{_LONGEST_ADDRESS}}})(?P=quote)\s*(?:[,);}}]|$)"
)


def address_of(page: Page, element: etree._Element) -> str | None:
    """Where a click on `element` leads, by its script alone; None if nowhere."""
    match = _OPENS.search(element.get("onclick") or "")
    return None if match is None else page.absolute(match["address"])


def opening_elements(page: Page) -> Iterator[etree._Element]:
    """The elements that lead somewhere by script and have no such element inside, backwards."""
    last: int | None = None
    for element in reversed(page.outline.elements):
        begin, end = page.outline.span(element)
        if (last is None or last >= end) and address_of(page, element) is not None:
            last = begin
            yield element
