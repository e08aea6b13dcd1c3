"""Pages that only send their visitor elsewhere, and where they send him."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from crawler.reading.page import Page

# "Please wait, or click here": a page that says more, or links to more, is there to be read.
_MOST_VISIBLE = 60
_MOST_LINKS = 2
_LONGEST_SOURCE = 65536

_REFRESH = re.compile(r"\s*\d*(?:\.\d*)?\s*[;,]?\s*(?:url\s*=)?\s*[\"']?([^\"'\s;,]+)", re.I)
_ASSIGNED = re.compile(
    r"\blocation(?:\.href)?\s{0,8}=\s{0,8}([\"'])(.{1,500}?)\1"
    r"|\blocation\.(?:replace|assign)\s{0,8}\(\s{0,8}([\"'])(.{1,500}?)\3"
)
_RELOADED = re.compile(
    r"\blocation\.reload\s{0,8}\("
    r"|\blocation(?:\.href)?\s{0,8}=\s{0,8}(?:window\.|document\.|self\.)?location\b"
)

_FRONT_PAGES = re.compile(r"/?|/(index|default|home|main)\.(s?html?|jsp|aspx?|php|do)", re.I)
_LOGIN_PART = re.compile(
    r"(?:(?:user|admin|to|do|web)?(?:login|logon|signin)|sso|cas|passport|oauth2?|authorize)"
    r"(?:\.\w{1,5})?",
    re.I,
)


def sends_to(page: Page) -> str | None:
    """The URL that a page sends its visitor to without showing anything else, or None.

    By `<meta http-equiv="refresh">` or by a script; a page that makes itself load again sends to
    its own address.
    """
    outline = page.outline
    links = sum(1 for _ in zip(page.root.iter("a"), range(_MOST_LINKS + 1), strict=False))
    if outline.visible(page.root) > _MOST_VISIBLE or links > _MOST_LINKS:
        return None
    for meta in page.root.iter("meta"):
        if (meta.get("http-equiv") or "").strip().lower() == "refresh":
            found = _REFRESH.match((meta.get("content") or "").replace(" ", ""))
            address = found[1] if found else ""
            return page.url if not address or address.isdecimal() else _joined(page, address)
    source = "\n".join(script.text or "" for script in page.root.iter("script"))[:_LONGEST_SOURCE]
    if found := _ASSIGNED.search(source):
        return _joined(page, found[2] or found[4])
    return page.url if _RELOADED.search(source) else None


def is_front_page(target: str, source: str) -> bool:
    """Whether an address that `source` leads to is a front page: the host's, or the site's."""
    path = urlsplit(target).path
    if _FRONT_PAGES.fullmatch(path):
        return True
    # A portal's sites live in folders of their own: /wuhai/index.html is the front page of /wuhai.
    site = "/" + urlsplit(source).path.split("/")[1] if urlsplit(source).path else "/"
    return path.startswith(site) and bool(_FRONT_PAGES.fullmatch(path.removeprefix(site)))


def is_login_page(target: str) -> bool:
    """Whether an address is, by its host or its path, a place to log in."""
    parts = urlsplit(target)
    steps = [(parts.hostname or "").partition(".")[0], *parts.path.split("/")]
    return any(_LOGIN_PART.fullmatch(step) for step in steps)


def _joined(page: Page, address: str) -> str | None:
    try:
        return urljoin(page.base, address.strip())
    except ValueError:
        return None
