"""Which links and pictures of a page are files of the document."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from lxml import etree

from crawler.reading.page import Page
from crawler.reading.whitespace import tidy

_EXTENSIONS = (
    "pdf|docx?|dot|xlsx?|xlsm|csv|pptx?|pps|wps|wpt|et|ett|dps|ofd|ceb|gd|sep|rtf|txt|odt|ods"
    "|zip|rar|7z|gz|tar|tgz|jpe?g|png|gif|bmp|tiff?|webp|mp3|mp4|avi|wmv|mov|flv|wav|dwg"
)
_FILE_NAME = re.compile(rf"\.(?:{_EXTENSIONS})$", re.I)
_FILE_PARAMETER = re.compile(rf"[=/][^=&/]*\.(?:{_EXTENSIONS})(?:&|$)", re.I)
_STATIC_PAGE = re.compile(r"\.s?html?$", re.I)
_FILE_STORE = "/eportal/filedir/"
# Signs for a kind of file, buttons and codes to scan belong to the template, not to the document.
_ORNAMENT = re.compile(
    r"/(?:icons?|ico|filetypeimages|filetypes?|share|skin|theme)/"
    r"|/(?:icon|ico|btn|button|arrow|dot|blank|spacer|share|print|qr_?code|ewm|erweima)"
    r"(?:[_-]?(?:\d{0,3}|pdf|docx?|xlsx?|pptx?|wps|ofd|rar|zip|txt|jpg|file|default))"
    r"\.(?:gif|png|jpe?g|ico|webp)$"
    r"|/(?:pdf|docx?|xlsx?|pptx?|wps|ofd|rar|zip|txt|word|excel)\.(?:gif|png)$",
    re.I,
)

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def linked_file(page: Page, link: etree._Element) -> str | None:
    """The address of the file that an `<a>` leads to, or None if it leads to a page or nowhere."""
    url = page.absolute(link.get("href"))
    if url is None:
        return None
    if viewed := _viewed(url):
        return viewed
    parts = urlsplit(url)
    path = unquote(parts.path)
    if (
        _FILE_NAME.search(path)
        or _FILE_STORE in path.lower()
        or link.get("download") is not None
        or (parts.query and _FILE_PARAMETER.search("=" + unquote(parts.query)))
    ):
        return url
    return None


def embedded_file(page: Page, element: etree._Element) -> str | None:
    """The address of a file that an `<iframe>`, `<embed>` or `<object>` shows, or None."""
    url = page.absolute(element.get("src") or element.get("data"))
    if url is None:
        return None
    if viewed := _viewed(url):
        return viewed
    parts = urlsplit(url)
    return url if _FILE_NAME.search(parts.path) or _FILE_STORE in parts.path.lower() else None


def _viewed(url: str) -> str | None:
    """The file that a page with a viewer shows, as `/pdfjs/web/viewer.html?file=/a/b.pdf` does.

    The server of such a page knows nothing of its query: what it would send is the viewer.
    """
    parts = urlsplit(url)
    if not parts.query or not _STATIC_PAGE.search(parts.path):
        return None
    for _, value in parse_qsl(parts.query):
        address = value.strip().partition("#")[0]
        if "/" not in address or not _FILE_NAME.search(address.partition("?")[0]):
            continue
        try:
            viewed = urljoin(url, address)
            is_sound = urlsplit(viewed).scheme in ("http", "https")
        except ValueError:
            continue
        return viewed if is_sound else None
    return None


def picture(page: Page, image: etree._Element) -> str | None:
    """The address of a picture that belongs to the document, or None."""
    url = page.absolute(image.get("src"))
    return None if url is None or _ORNAMENT.search(urlsplit(url).path) else url


def file_name(url: str) -> str:
    """The last part of an address as people read it; the whole address if there is none."""
    name = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2], errors="replace")
    return tidy(_CONTROL.sub("", name)) or url
