"""Pagers: which page of a list this is, how many there are, and where the next one is.

EasySite's pagers carry no usable `href`: the address stands in `tagname` or in a script call, and
a placeholder such as `[NEXTPAGE]` says that there is none. Where a pager has no link at all, the
address follows from the id of the list's module; other systems write theirs by script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lxml import etree

from crawler.reading.called_page import called_number, called_page
from crawler.reading.outline import names_of
from crawler.reading.page import Page
from crawler.reading.page_choice import chosen_page
from crawler.reading.whitespace import squeeze

HIDDEN_INPUT = "article_paging_list_hidden"

_NEXT_WORDS = frozenset(
    (
        "下一页",
        "下页",
        "后一页",
        "后页",
        "下一頁",
        "下一页>",
        "下一页>>",
        "next",
        "nextpage",
        ">",
        "›",
    )
)
# Below a list these lead on in it, but nearly everywhere else into a column.
_MORE_WORDS = frozenset(("更多", "查看更多", "加载更多", "点击加载更多", "点击查看更多", "more"))
_NEXT_NAMES = frozenset(("defaultpgnext", "pgnext", "next", "nextpage", "pagenext"))
_PAGER_WORDS = _NEXT_WORDS | {
    *(
        "首页",
        "上一页",
        "上页",
        "前一页",
        "末页",
        "尾页",
        "最后一页",
        "第一页",
        "转到",
        "跳转",
        "go",
    ),
    *("<", "<<", ">>", "«", "»", "‹", "...", "…", "prev", "previous", "first", "last"),
}
_PAGER_NAMES = frozenset(("pagingnormal", "defaultpgbtn", *_NEXT_NAMES))
_BRACKETS = "[]【】()（）"
_ARROWS = "<>›»‹«→←"
_LONGEST_WORD = 12
_CALL = re.compile(
    r"(?:queryArticleByCondition\s*\(\s*this\s*,|location(?:\.href)?\s*=)\s*['\"]([^'\"]+)['\"]"
)
_SCRIPT = re.compile(
    r"createPageHTML\s*\(\s*(?P<place>['\"][^'\"]*['\"]\s*,\s*)?(?P<total>\w+)\s*,\s*(?P<at>\w+)\s*,"
    r"\s*['\"](?P<name>[\w./-]+)['\"]\s*,\s*['\"](?P<kind>\w+)['\"]"
)
# The same, written out in the page itself.
_WRITTEN = re.compile(
    r"(?P<name>(?<!\w)[\w-]{1,40})_['\"]\s*\+\s*nextPage\s*\+\s*['\"]\.(?P<kind>\w+)"
)
_MOST_CALLS = 20
_HEXADECIMAL_ID = re.compile(r"[0-9a-f]{32}", re.I)
_MODULE_PAGE = re.compile(r"/[0-9a-f]{8}-(\d+)\.s?html?$", re.I)
_INDEX_PAGE = re.compile(r"/index(\d+)\.s?html?$", re.I)
_COUNTED_PAGE = re.compile(r"/(?:index|list|node|default)[_-](\d+)\.\w+$", re.I)
_PAGE_PARAMETERS = ("currentpage", "curpage", "pageno", "pagenum", "pageindex", "page", "p")
_PAGE_SAID = re.compile(r"(?:当前(?:页)?[:：]?|当前第|第)(\d+)(?:页|/)")
# A run of digits is looked at from its beginning only: a page may be nothing but digits.
_TOTAL_SAID = re.compile(
    r"(?:共|分|总)(?:计)?(\d+)页|当前页?[:：]?\d+/(\d+)|(?<!\d)第?\d{1,6}/(\d+)页"
)
_MOST_PAGES = 100_000
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a list page stands among the pages of its list; None is "not known", "not there".

    `leads_on` tells that there is a next page, whether or not its address could be found.
    """

    next_page: str | None = None
    page: int | None = None
    total_pages: int | None = None
    leads_on: bool = False


@dataclass(frozen=True, slots=True)
class _Script:
    """A pager that a script writes: the address of its n-th page is `name_n.kind`.

    `at` is the n of this page: counted from 0, or from 1 where pages are.
    """

    number: int
    total: int
    at: int
    name: str
    kind: str


def read_pager(page: Page) -> Pager:
    """The pager of a list page."""
    hidden = next((one for one in page.root.iter("input") if one.get("name") == HIDDEN_INPUT), None)
    script = _script(page.markup)
    words = squeeze(page.outline.text_of(page.root))
    number = _number(page.url, words)
    chosen = chosen_page(page)
    total = _positive(hidden.get("totalpage")) if hidden is not None else None
    if script:
        number, total = script.number, script.total
    elif total is None and (said := _TOTAL_SAID.search(words)):
        total = _positive(said[1] or said[2] or said[3])
    if chosen is not None:
        # `list_1.html` is the first page of one portal and the second of another.
        number, total = chosen.number, total or chosen.total
    leads_on = number is not None and total is not None and number < total
    if number is None and total is not None:
        number = 1
    candidates = [*_linked(page), *_scripted(page, script), *_counted(page, number)]
    if chosen is not None:
        candidates.append(chosen.following)
    if hidden is not None and number is not None and total is not None and number < total:
        candidates.append(_derived(page.url, hidden.get("moduleid") or "", number + 1))
    next_page = next((url for url in candidates if url and _differs(url, page.url)), None)
    leads_on = leads_on or next_page is not None or _calls_on(page, number or 1)
    return Pager(next_page, number, total, leads_on)


def is_pager_link(page: Page, link: etree._Element) -> bool:
    """Whether a link belongs to a pager and not to the rows of a list."""
    if link.get("tagname") is not None or _CALL.search(link.get("onclick") or ""):
        return True
    return is_pager_word(page, link)


def is_pager_word(page: Page, link: etree._Element) -> bool:
    """Whether a link says what those of a pager say, or is named as they are."""
    word = _word(page, link)
    return word in _PAGER_WORDS or word.isdigit() or not _PAGER_NAMES.isdisjoint(names_of(link))


def _linked(page: Page) -> Iterator[str | None]:
    """The addresses of what is labelled as leading to the next page."""
    calls = 0
    for element in page.root.iter("a", "span", "button", "input", "li", "link"):
        if element.tag == "link":
            if "next" in (element.get("rel") or "").lower().split():
                yield page.absolute(element.get("href"))
        elif _leads_on(page, element):
            tagname = (element.get("tagname") or "").strip()
            if tagname:
                yield None if tagname.startswith("[") else page.absolute(tagname)
            call = _CALL.search(element.get("onclick") or "")
            if call and not call[1].startswith("["):
                yield page.absolute(call[1])
            yield page.absolute(element.get("href"))
            calls += 1
            if calls <= _MOST_CALLS:
                yield called_page(page, element)
        elif element.tag == "a" and _word(page, element) in _MORE_WORDS:
            url = page.absolute(element.get("href"))
            yield url if url and _is_successor(url, page.url) else None


def _calls_on(page: Page, number: int) -> bool:
    """Whether a link to the next page calls a script with the number of a page after this one."""
    return any(
        (called_number(element) or 0) > number
        for element in page.root.iter("a", "span", "button", "input", "li")
        if _leads_on(page, element)
    )


def _is_successor(url: str, other: str) -> bool:
    """Whether two addresses in one folder differ in a number alone, one more in the first."""
    (folder, one), (its_folder, two) = (
        (parts.path.rpartition("/")[0], _DIGITS.split(parts.path.rpartition("/")[2] + parts.query))
        for parts in (urlsplit(url), urlsplit(other))
    )
    if folder != its_folder or len(one) != len(two):
        return False
    differing = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    if len(differing) != 1:
        return False
    ((after, before),) = differing
    return before.isdecimal() and after.isdecimal() and int(after[:9]) == int(before[:9]) + 1


def _leads_on(page: Page, element: etree._Element) -> bool:
    attributes = element.attrib
    if element.tag != "a" and "onclick" not in attributes and "tagname" not in attributes:
        return False
    if "next" in (attributes.get("rel") or "").lower().split():
        return True
    if not _NEXT_NAMES.isdisjoint(names_of(element)):
        return True
    return _word(page, element) in _NEXT_WORDS


def _word(page: Page, element: etree._Element) -> str:
    """What a link of a pager says; `""` for anything longer than such links are."""
    known = page.words.get(element)
    if known is None:
        known = page.words[element] = _said(page, element)
    return known


def _said(page: Page, element: etree._Element) -> str:
    if element not in page.outline or page.outline.visible(element) > _LONGEST_WORD:
        return ""
    said = page.outline.text_of(element) or element.get("value") or element.get("title") or ""
    word = squeeze(said).strip(_BRACKETS).lower()
    return word.strip(_ARROWS) or word


def _scripted(page: Page, script: _Script | None) -> Iterator[str | None]:
    """The next page of a pager that a script writes."""
    if script and script.number < script.total:
        yield page.absolute(f"{script.name}_{script.at + 1}.{script.kind}")


def _script(markup: str) -> _Script | None:
    """The pager that a script of the page writes.

    `createPageHTML(pages, this one, name, ext)` counts from 0 and calls the second page `name_1`;
    with the id of an element before these it counts from 1, and the second page is `name_2`.
    """
    for call in islice(_SCRIPT.finditer(markup), _MOST_CALLS):
        total, at = (_value(markup, call[which]) for which in ("total", "at"))
        if total and at is not None:
            number = at if call["place"] and at else at + 1
            return _Script(number, total, at, call["name"], call["kind"])
    total, at = (_value(markup, name) for name in ("countPage", "currentPage"))
    if total and at is not None and (written := _WRITTEN.search(markup)):
        return _Script(at + 1, total, at, written["name"], written["kind"])
    return None


def _value(markup: str, word: str) -> int | None:
    """The number that an argument is, or that the variable of this name is set to."""
    if not word.isdigit():
        assigned = re.search(
            rf"(?<!\w){re.escape(word)}\s{{0,8}}=\s{{0,8}}(\d{{1,6}})(?!\d)", markup
        )
        word = assigned[1] if assigned else ""
    return int(word) if word.isascii() and word.isdigit() and int(word[:7]) <= _MOST_PAGES else None


def _counted(page: Page, number: int | None) -> Iterator[str | None]:
    """The link that bears the next page's number.

    The page itself is the one number that its pager leaves unlinked; this outranks `number`, for
    `list_2.html` is the second page of one portal and the third of another.
    """
    numbered = [(_positive(_word(page, link)), link) for link in page.root.iter("a")]
    linked = {said for said, _ in numbered if said is not None}
    unlinked = [said - 1 for said in linked if said > 1 and said - 1 not in linked]
    within = [said for said in unlinked if said == 1 or said - 1 in linked]
    following = (within[0] if len(within) == 1 else number or 1) + 1
    bearing = (link for said, link in numbered if said == following)
    for link in islice(bearing, _MOST_CALLS):
        tagname = link.get("tagname") or ""
        yield page.absolute(link.get("href") if tagname[:1] in ("", "[") else tagname)
        yield called_page(page, link)


def _derived(url: str, module: str, following: int) -> str | None:
    """The address of a page of an EasySite list, from the id of its module."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name == "currentPage" for name, _ in query):
        turned = [
            (name, str(following) if name == "currentPage" else value) for name, value in query
        ]
        return parts._replace(query=urlencode(turned)).geturl()
    if _HEXADECIMAL_ID.fullmatch(module):
        return urljoin(url, f"{module[:8]}-{following}.html")
    if not module.isalnum():
        return None
    inside = parts.path.rpartition("/")[0].endswith(f"/{module}")
    return urljoin(url, f"index{following}.html" if inside else f"{module}/index{following}.html")


def _number(url: str, words: str) -> int | None:
    """Which page of its list an address is, as far as the address or the page says it."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in _PAGE_PARAMETERS and (number := _positive(value)):
            return number
    if match := _MODULE_PAGE.search(parts.path) or _INDEX_PAGE.search(parts.path):
        return _positive(match[1])
    if match := _COUNTED_PAGE.search(parts.path):
        return int(match[1][:6]) + 1
    said = _PAGE_SAID.search(words)
    return _positive(said[1]) if said else None


def _positive(digits: str | None) -> int | None:
    digits = (digits or "").strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return None
    number = int(digits)
    return number if 0 < number <= _MOST_PAGES else None


def _differs(url: str, other: str) -> bool:
    return url.partition("#")[0].partition("://")[2] != other.partition("#")[0].partition("://")[2]
