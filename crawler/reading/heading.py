"""A page's heading: what a document is called where no label says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lxml import etree

from crawler.reading.furniture import Surroundings, is_furniture_line
from crawler.reading.outline import BLOCK_TAGS, names_of
from crawler.reading.page import Page
from crawler.reading.whitespace import squeeze

_EASYSITE = "easysitenewstitle"
_TITLE_METAS = ("articletitle", "og:title")
_HEADINGS = ("h1", "h2", "h3")
_TITLE_NAMES = frozenset(
    (
        *("title", "arttitle", "articletitle", "newstitle", "contenttitle", "detailtitle", "bt"),
        *("biaoti", "maintitle", "xxgktitle", "pagetitle", "wztitle", "doctitle", "ivstitle"),
        *("tit", "arttit", "articletit", "newstit", "detailtit", "xltitle", "xxtitle", "infotitle"),
    )
)
_NAMED_HEADINGS = frozenset(("div", "p", "span", "td", "strong"))
_LONGEST_TITLE = 300
_SHORTEST_TITLE = 6
# What old templates set a heading in.
_STANDING_OUT = frozenset(("h1", "h2", "h3", "h4", "b", "strong", "big"))
_LARGE = frozenset(("4", "5", "6", "7", "+1", "+2", "+3", "+4"))
# When a text was passed, which stands below its title.
_ASIDE = re.compile(r"[（(【\[].*[）)】\]]")
_SEPARATOR = re.compile(r"\s*[_|｜]\s*|\s+[-–—]+\s+|[-–—]+(?=[^-–—]*$)")
_SITE_WORDS = re.compile(r"(?:政府|网|局|厅|委|办|门户|平台|公开|中心|首页)(?:\S{0,4})$")


def heading_of(page: Page, before: int | None) -> tuple[str, etree._Element | None]:
    """The heading of a page and the element it stands in, `("", None)` if there is none.

    `before` is the offset in the outline at which the body begins, None while that is not known.
    A heading that the page's `<title>` repeats is preferred, then the nearest above the body.
    """
    outline = page.outline
    surroundings = Surroundings()
    candidates = [
        (element, text)
        for element in _possible_headings(page)
        if before is None or outline.span(element)[0] < before
        if 0 < len(text := outline.text_of(element)) <= _LONGEST_TITLE
        if not surroundings.hold(element)
    ]
    for element, text in candidates:
        if element.tag in _HEADINGS and _is_easysite(element):
            return text, element
    stated = next((page.metas[name] for name in _TITLE_METAS if page.metas.get(name)), "")
    repeated = squeeze(stated or page.head_title)
    named = [
        (element, text)
        for element, text in candidates
        if squeeze(text) and (squeeze(text) == repeated or _opens(repeated, squeeze(text)))
    ]
    if named:
        element, text = max(named, key=lambda one: len(one[1]))
        return text, element
    if stated:
        return stated, None
    for tag in _HEADINGS[:2]:
        of_tag = [(text, element) for element, text in candidates if element.tag == tag]
        if of_tag and before is not None:
            return of_tag[-1]
        if of_tag:
            return of_tag[0]
    by_name = [(text, element) for element, text in candidates if element.tag not in _HEADINGS]
    if by_name and before is not None:
        return by_name[-1]
    return _without_site(page), None


def heading_above(
    page: Page, before: int, title: str, taken: Collection[etree._Element]
) -> tuple[str, etree._Element | None]:
    """The heading right above a body that begins at `before`, where `<title>` does not name it.

    `title` is what `heading_of` made of `<title>`, and is given back where it stands above the body
    too, or no line there stands out. `taken` are elements that hold the page's metadata.
    """
    outline = page.outline
    if _is_shown(page, title, before):
        return title, None
    surroundings = Surroundings()
    for element in reversed(outline.elements):
        if outline.span(element)[1] > before or not _stands_out(element):
            continue
        text = outline.text_of(element)
        line = next((one for one in _outwards(element) if one.tag in BLOCK_TAGS), element)
        if not _SHORTEST_TITLE <= len(squeeze(text)) <= _LONGEST_TITLE:
            continue
        if text != outline.text_of(line) or outline.linked(element) or text.endswith((":", "：")):
            continue
        if _ASIDE.fullmatch(text) or is_furniture_line(text, text):
            continue
        if surroundings.hold(element) or any(one in taken for one in _outwards(element)):
            continue
        return text, element
    return title, None


def _is_shown(page: Page, title: str, before: int) -> bool:
    """Whether a line above the body says the title, other than a menu or the breadcrumbs."""
    outline = page.outline
    name = squeeze(title)
    if len(name) < _SHORTEST_TITLE:
        return False
    for begin, end in outline.lines(page.root):
        if begin >= before:
            return False
        if squeeze(outline.tidy(begin, end)) == name and not any(
            one.tag == "a" for one in _outwards(outline.owner(end - 1))
        ):
            return True
    return False


def _stands_out(element: etree._Element) -> bool:
    """Whether an element's text is set in larger or bolder letters."""
    if element.tag == "font":
        return (element.get("size") or "").strip() in _LARGE
    return element.tag in _STANDING_OUT


def _outwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _possible_headings(page: Page) -> list[etree._Element]:
    """The elements that a heading can be, by their tag or their name, in page order."""
    outline = page.outline
    possible = [element for element in page.root.iter(*_HEADINGS) if element in outline]
    possible += [
        element
        for element, names in outline.named.items()
        if not _TITLE_NAMES.isdisjoint(names) and element.tag in _NAMED_HEADINGS
    ]
    possible.sort(key=lambda element: outline.span(element)[0])
    return possible


def _is_easysite(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and _EASYSITE in names_of(parent)


def _opens(title: str, text: str) -> bool:
    """Whether a `<title>` is `text` followed by a separator and the names of column and site."""
    return title.startswith(text) and title[len(text) :][:1] in tuple("_-|｜–—")


def _without_site(page: Page) -> str:
    """The `<title>` of a page without the names of the column and the site at its end."""
    title = page.head_title
    if len(title) > _LONGEST_TITLE:
        return title
    names = {page.metas.get(name, "") for name in ("sitename", "columnname")} - {""}
    while True:
        separators = list(_SEPARATOR.finditer(title))
        if not separators:
            return title
        last = separators[-1]
        tail = title[last.end() :]
        if last.start() == 0 or not (tail in names or _SITE_WORDS.search(tail)):
            return title
        title = title[: last.start()].rstrip()
