"""Pagers with a drop-down to choose a page from: `<select onchange="location.href=this.value">`."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

from crawler.reading.page import Page

# 2, 第2页, 2/10, 第 2 / 10 页
_NUMBERED = re.compile(r"第?\s*(\d{1,6})\s*(?:/\s*\d{1,6}\s*)?页?")
_VALUE = r"(?:this\.value|this\.options\s*\[\s*this\.selectedIndex\s*\]\.value)"
# With what the script puts before and behind the value: 'index_' + this.value + '.html'.
_TURNS = re.compile(
    rf"location(?:\.href)?\s*=\s*(?:['\"](?P<before>[^'\"]*)['\"]\s*\+\s*)?{_VALUE}"
    r"(?:\s*\+\s*['\"](?P<after>[^'\"]*)['\"])?"
)
_ADDRESS = re.compile(r"[./?]")
_MOST_CHOICES = 20
_MOST_PAGES = 100_000


class Choice(NamedTuple):
    """What a drop-down says of the pages: which one this is, how many, and where the next is."""

    number: int
    total: int
    following: str | None


def chosen_page(page: Page) -> Choice | None:
    """What the page's drop-down of pages says; None where there is none."""
    for select in list(page.root.iter("select"))[:_MOST_CHOICES]:
        choice = _read(page, select)
        if choice is not None:
            return choice
    return None


def _read(page: Page, select: etree._Element) -> Choice | None:
    options = list(select.iterchildren("option"))
    if not 1 < len(options) <= _MOST_PAGES:
        return None
    for at, option in enumerate(options, start=1):
        said = _NUMBERED.fullmatch("".join(map(str, option.itertext())).strip())
        if said is None or int(said[1]) != at:
            return None
    turns = _TURNS.search(select.get("onchange") or "")
    before, after = (turns["before"] or "", turns["after"] or "") if turns else ("", "")
    values = [(option.get("value") or "").strip() for option in options]
    if not (before or after) and not all(map(_ADDRESS.search, values)):
        # Numbers alone are for a script that cannot be seen.
        return None
    addresses = [page.absolute(f"{before}{value}{after}") for value in values]
    if None in addresses or len(set(addresses)) < len(addresses):
        return None
    here = next((at for at, one in enumerate(addresses) if one == page.url), None)
    if here is None:
        here = next((at for at, one in enumerate(options) if one.get("selected") is not None), 0)
    following = addresses[here + 1] if here + 1 < len(addresses) else None
    return Choice(here + 1, len(options), following)
