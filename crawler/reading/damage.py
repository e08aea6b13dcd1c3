"""Damaged pages: told by their bytes, whatever else is on them (R10)."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum

from crawler.reading.page import Page

_PROBE = 65536
# What text holds of control characters besides tab, line feed, form feed and carriage return is a
# flaw; bytes that are no text (a file, or one compressed once too often) hold one in nine.
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\x0c\r")
_MOST_CONTROLS = 100
_FILE_MAGIC = (
    *(b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
    *(b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"),
)
_WIDE_ENCODING = (b"\xff\xfe", b"\xfe\xff")
_NOTHING = b" \t\r\n\x00\xef\xbb\xbf"

_TAG_NAME = re.compile(r"/?[a-z][a-z0-9]*")
# Their content is no markup: it ends with their own end tag only.
_RAW = frozenset(("script", "style", "title", "textarea"))
# Elements that no author leaves open on purpose, unlike `p`, `li` or `td`.
_NEVER_LEFT_OPEN = frozenset(
    ("div", "main", "article", "section", "table", "ul", "ol", "dl", "a", "span")
)
_BEGINS_PAGE = frozenset(("html", "body"))
_ENDS_PAGE = frozenset(("/html", "/body"))
_HIDES = (("<!--", "-->"), *((f"<{name}", f"</{name}") for name in sorted(_RAW)))


class _End(StrEnum):
    """Where the source of a page ends."""

    INSIDE = "inside a tag, a comment, a script or an element that is never left open"
    OPEN = "outside these, but the page was begun and not ended"
    SOUND = "where a page or a piece of one may end"


def is_empty(page: Page) -> bool:
    """Whether nothing was received but white space."""
    return not page.body.strip(_NOTHING)


def is_binary(page: Page) -> bool:
    """Whether the bytes are those of a file, or of no text at all."""
    body = page.body
    if body.startswith(_WIDE_ENCODING):
        return False
    probe = body[:_PROBE]
    controls = len(probe) - len(probe.translate(None, _CONTROLS))
    return body.startswith(_FILE_MAGIC) or controls * _MOST_CONTROLS > len(probe)


def is_cut_off(page: Page, *, is_hollow: bool = False) -> bool:
    """Whether the page ends before it should, or the parser gave up on the rest.

    A page is not cut off because it does without `</body>`: it has to end inside something, or
    before it has said anything. `is_hollow` tells that what should follow its head is missing.
    """
    if not page.whole:
        return True
    markup = page.markup.lower()
    if _ends_well(markup):
        return False
    end = _end_of(markup)
    return end is _End.INSIDE or (end is _End.OPEN and (is_hollow or not _has_content(page)))


def _has_content(page: Page) -> bool:
    if page.outline.visible(page.root):
        return True
    return next(page.root.iter("img", "a", "iframe", "embed", "object"), None) is not None


def _ends_well(markup: str) -> bool:
    """Whether a page's last word is `</html>`, and not one in a comment or a script.

    Nearly every page is done with here, at a fraction of the cost of the walk.
    """
    return markup.rstrip().endswith("</html>") and all(
        markup.rfind(begin) <= markup.rfind(end) for begin, end in _HIDES
    )


def _end_of(markup: str) -> _End:
    """How a page's source, in lower case, ends. Takes one walk from tag to tag.

    What follows the last `</html>` or `</body>` is judged by itself: templates end pages early,
    and put counters behind the end. A page inside a page ends only itself. A piece of a page,
    without `<html>` and `<body>`, may leave elements open: the template around it closes them.
    """
    left_open: Counter[str] = Counter()
    begun = markup.lstrip().startswith("<!doctype")
    ended = False
    depth = 0
    last = ""
    at = markup.find("<")
    while at >= 0:
        if markup.startswith("<!--", at):
            # `<!-->` is a whole comment (HTML standard, 13.2.5.43).
            end = markup.find("-->", at + 2)
            if end < 0:
                return _End.SOUND if ended else _End.INSIDE
            at = markup.find("<", end + 3)
            continue
        found = _TAG_NAME.match(markup, at + 1)
        if found is None and not markup.startswith(("!", "?"), at + 1):
            # A sign for "less than", or the first characters of a tag.
            if last and len(markup) - at <= 2 and markup[at:] in ("<", "</"):
                return _End.INSIDE
            at = markup.find("<", at + 1)
            continue
        end = markup.find(">", at + 1)
        if end < 0:
            return _End.INSIDE if last or begun else _End.SOUND
        name = found[0] if found else ""
        closes_itself = markup[end - 1] == "/"
        if name in _RAW and not closes_itself:
            end = markup.find(f"</{name}", end)
            if end < 0 or (end := markup.find(">", end)) < 0:
                return _End.INSIDE
            at = markup.find("<", end + 1)
            continue
        last = name
        if name == "html":
            depth += 1
        elif name in _ENDS_PAGE:
            depth -= name == "/html"
            if depth <= (name == "/body"):
                ended = True
                left_open.clear()
        elif name in _NEVER_LEFT_OPEN and not closes_itself:
            left_open[name] += 1
        elif name.startswith("/") and left_open[name[1:]]:
            left_open[name[1:]] -= 1
        begun = begun or name in _BEGINS_PAGE
        at = markup.find("<", end + 1)
    if last in _ENDS_PAGE:
        return _End.SOUND
    if left_open.total() and (begun or ended):
        return _End.INSIDE
    return _End.OPEN if begun and not ended else _End.SOUND
