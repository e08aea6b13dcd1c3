"""What an answer amounts to: from status, headers, body and errors to an outcome. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from archive.capture import Outcome
from archive.reading import Nature
from crawler.middlewares.refusals import AskedToWait, NotAsked, RobotsUnavailable
from crawler.reading import judge_status

_FRONT_PAGES = re.compile(r"/?|/(index|default|home|main)\.(s?html?|jsp|aspx?|php)", re.IGNORECASE)
_GONE = frozenset({404, 410})
_OF_NATURE = {
    Nature.DOCUMENT: Outcome.DOCUMENT,
    Nature.BLOCKED: Outcome.BLOCKED,
    Nature.SUSPECT: Outcome.SUSPECT,
    Nature.OTHER: Outcome.OTHER,
}
_PAGES = ("text/", "application/xhtml", "application/xml")


class Verdict(NamedTuple):
    """An outcome with its reason in a few words."""

    outcome: Outcome
    reason: str = ""


def of_status(status: int, body: bytes) -> Verdict | None:
    """What an answer amounts to by its status; None where the page itself has to be looked at."""
    if 200 <= status < 300:
        return None
    if status in _GONE:
        return Verdict(Outcome.GONE, f"status {status}")
    judged = judge_status(status, body)
    if judged is not None:
        nature, reason = judged
        return Verdict(_OF_NATURE[nature], reason)
    return Verdict(Outcome.FAILED, f"status {status}")


def of_nature(nature: Nature, reason: str) -> Verdict:
    """What a page amounts to by what its reader makes of it."""
    return Verdict(_OF_NATURE[nature], reason)


def of_error(error: BaseException) -> Verdict:
    """What a request without an answer amounts to."""
    match error:
        case RobotsUnavailable() | AskedToWait():
            return Verdict(Outcome.FAILED, error.reason)
        case NotAsked():
            return Verdict(Outcome.FORBIDDEN, error.reason)
        case DownloadTimeoutError():
            return Verdict(Outcome.FAILED, "no complete answer in time")
        case DownloadCancelledError():
            return Verdict(Outcome.FAILED, "the answer is larger than the limit")
        case DownloadConnectionRefusedError():
            return Verdict(Outcome.FAILED, "the connection was refused")
        case DownloadFailedError():
            return Verdict(Outcome.FAILED, "the connection broke")
    said = str(error).strip()
    return Verdict(Outcome.FAILED, f"{type(error).__name__}{': ' + said if said else ''}"[:300])


def is_page(content_type: str) -> bool:
    """Whether an answer claims to be a page, or nothing in particular."""
    media_type = content_type.split(";")[0].strip().lower()
    return not media_type or media_type.startswith(_PAGES)


def is_front_page(target: str, source: str) -> bool:
    """Whether a redirect from `source` leads to a front page: the host's, or the site's."""
    path = urlsplit(target).path
    if _FRONT_PAGES.fullmatch(path):
        return True
    # A portal's sites live in folders of their own: /wuhai/index.html is the front page of /wuhai.
    site = "/" + urlsplit(source).path.split("/")[1]
    return path.startswith(site) and bool(_FRONT_PAGES.fullmatch(path.removeprefix(site)))


def is_file(url: str, body: bytes) -> bool:
    """Whether an answer can be the attachment asked for, rather than a page in its place (R10)."""
    if urlsplit(url).path.lower().endswith((".htm", ".html", ".shtml", ".txt", ".csv", ".xml")):
        return True
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    looks_like_page = start.startswith((b"<!doctype html", b"<html", b"<script", b"<head"))
    return not looks_like_page
