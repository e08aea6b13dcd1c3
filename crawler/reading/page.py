"""A page: its bytes as text, as a tree, and as an outline of the text in the tree."""

from __future__ import annotations

import html
import re
from functools import cached_property
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree

from crawler.reading.charset import decode
from crawler.reading.outline import Outline
from crawler.reading.whitespace import tidy

# Control characters are no text, and NUL ends a page for libxml2. In UTF-8 these bytes are never
# part of another character.
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r") + b"\x7f"
_LATE_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
# References to any of these. Those to the second lot mean what Windows-1252 has in its place.
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|11|1[4-9]|2\d|3[01]|12[7-9]|1[345]\d)(?!\d)"
    rb"|x0*(?:[0-8bef]|1[0-9a-f]|7f|[89][0-9a-f])(?![0-9a-f]));?",
    re.I,
)
# The parser ignores whatever follows the first of these; portals put whole documents into others.
_EARLY_END = re.compile(rb"</(?:body|html)\s*>", re.I)
_INLINE_TAG = re.compile(rb"</?(?:span|font|b|i|u|em|strong|big|small)\b[^>]*>", re.I)
_DIVISION_TAG = re.compile(rb"</?(?:div|section|center)\b[^>]*>", re.I)
_NAME = re.compile(rb"\s(?:id|class)\s*=", re.I)
_TAG = re.compile(rb"<[^<>]*")
# A tree takes some 400 bytes for an element and 100 for an attribute: most of a gigabyte for a page
# of a few megabytes that is nothing but tags. Up to so many tags nobody counts; then a page may
# have half a million elements, two million attributes, or something in between.
_FEW_TAGS = 50_000
_ELEMENT, _ATTRIBUTE = 4, 1
_BUDGET = 2_000_000
# The sum of the depths of all elements: what a page costs where each is looked at with all that is
# around it. A table of a hundred thousand cells stays far below.
_MOST_DEPTH = 5_000_000
# Libraries stand in files of their own; what a page says itself is short.
_MOST_SCRIPT = 1 << 18
_WHITE_SPACE_IN_URL = re.compile(r"[\t\r\n]")


class Page:
    """A page as received from `url`. Making one never raises.

    `markup` is the page as text, `root` its tree with `<html>` at the root; `whole` tells that
    the tree holds all of it.
    """

    def __init__(self, body: bytes, *, url: str, content_type: str = "") -> None:
        self.body = body
        self.url = url
        self.markup = decode(body, content_type)
        self.root, self.whole = _parse(self.markup)
        # What short links say, by the link: a pager is looked for several times over.
        self.words: dict[etree._Element, str] = {}

    @cached_property
    def outline(self) -> Outline:
        """The text of the page with where each element's text begins and ends."""
        return Outline(self.root)

    @cached_property
    def base(self) -> str:
        """What the page's addresses are relative to."""
        for element in self.root.iter("base"):
            return self._joined(self.url, element.get("href") or "") or self.url
        return self.url

    @cached_property
    def scripts(self) -> str:
        """What stands in the page's own scripts, as much of it as such scripts have."""
        return "\n".join(one.text or "" for one in self.root.iter("script"))[:_MOST_SCRIPT]

    @cached_property
    def head_title(self) -> str:
        """The text of `<title>`."""
        return next((tidy(element.text or "") for element in self.root.iter("title")), "")

    @cached_property
    def metas(self) -> dict[str, str]:
        """The `<meta>` tags that have a name, the names in lower case; the first one counts."""
        metas: dict[str, str] = {}
        for element in self.root.iter("meta"):
            name = element.get("name") or element.get("property")
            if name:
                metas.setdefault(name.lower(), tidy(element.get("content") or ""))
        return metas

    def absolute(self, address: str | None) -> str | None:
        """The http or https URL that an address on the page means, without fragment, or None."""
        address = _WHITE_SPACE_IN_URL.sub("", address or "").strip()
        if not address or address.startswith("#"):
            return None
        return self._joined(self.base, address)

    @staticmethod
    def _joined(base: str, address: str) -> str | None:
        try:
            url = urldefrag(urljoin(base, address)).url
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            return None
        return url if sound else None


def _parse(markup: str) -> tuple[etree._Element, bool]:
    """The tree of a page, and whether it holds the whole page.

    libxml2 gives up on a page at a depth of 2,048. Such depth comes of tags that are never closed
    and say little about the text: where it gives up, or where so much of a page is so deep that it
    would take minutes to read, these are left out, those with a name last: it tells a body. A page
    of more tags than there is memory for is read as far as it goes.
    """
    data = markup.encode("utf-8", "replace").translate(None, _CONTROLS)
    if b"\xc2" in data:
        data = _LATE_CONTROLS.sub(b"", data)
    if b"&#" in data:
        data = _CONTROL_REFERENCE.sub(_as_browsers_do, data)
    data = _EARLY_END.sub(b"", data)
    affordable = _affordable(data)
    root, whole = _tree(data[:affordable])
    for simplified in (_without_inline_tags, _without_bare_divisions, _without_divisions):
        if whole:
            break
        data = simplified(data)
        affordable = _affordable(data)
        root, whole = _tree(data[:affordable])
    return root, whole and affordable == len(data)


def _without_inline_tags(data: bytes) -> bytes:
    return _INLINE_TAG.sub(b"", data)


def _without_bare_divisions(data: bytes) -> bytes:
    """A page without its divisions that have neither id nor class, and their ends."""
    named: list[bool] = []

    def kept(tag: re.Match[bytes]) -> bytes:
        if tag[0].startswith(b"</"):
            return tag[0] if not named or named.pop() else b"<br>"
        named.append(bool(_NAME.search(tag[0])))
        return tag[0] if named[-1] else b"<br>"

    return _DIVISION_TAG.sub(kept, data)


def _without_divisions(data: bytes) -> bytes:
    return _DIVISION_TAG.sub(b"<br>", data)


def _affordable(data: bytes) -> int:
    """Up to which byte a page's tree can be held in memory."""
    if data.count(b"<") <= _FEW_TAGS and len(data) <= _BUDGET:
        return len(data)
    cost = 0
    for tag in _TAG.finditer(data):
        cost += _ELEMENT + _ATTRIBUTE * (len(tag[0].split(None, _BUDGET)) - 1)
        if cost > _BUDGET:
            return tag.start()
    return len(data)


def _as_browsers_do(reference: re.Match[bytes]) -> bytes:
    return html.unescape(reference[0].decode("ascii")).encode()


def _tree(data: bytes) -> tuple[etree._Element, bool]:
    """The tree, and whether it is sound: the parser reached the end of `data`, and not too deep."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    root = etree.fromstring(data, parser) if data.strip() else None
    if root is None or _is_too_deep(root, data):
        return etree.fromstring(b"<html><body></body></html>", parser), root is None
    return root, all(
        error.type != etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log
    )


def _is_too_deep(root: etree._Element, data: bytes) -> bool:
    if data.count(b"<") <= _FEW_TAGS // 10:
        return False
    total = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        total += depth if event == "start" else 0
    return total > _MOST_DEPTH
