"""What an answer amounts to: from status, headers, body and errors to an outcome. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from archive.capture import Outcome
from archive.reading import Nature
from crawler.answer_head import HeadTooLongError, cause_of
from crawler.middlewares.refusals import AskedToWait, NotAsked, RobotsUnavailable
from crawler.reading import is_front_page, is_login_page, judge_file, judge_status

_GONE = frozenset({404, 410})
# No content, and a part of it: nobody asked for either.
_INCOMPLETE = frozenset({204, 205, 206})
_OF_NATURE = {
    Nature.DOCUMENT: Outcome.DOCUMENT,
    Nature.BLOCKED: Outcome.BLOCKED,
    Nature.SUSPECT: Outcome.SUSPECT,
    Nature.OTHER: Outcome.OTHER,
}
# JSON is no page, but a program's error in its place is judged as one.
_PAGES = ("text/", "application/xhtml", "application/xml", "application/json")

_TEXTS = (".htm", ".html", ".shtml", ".txt", ".csv", ".xml", ".json")
_HEAD = 2048
# The beginning of a page or of a piece of one, whatever declarations and comments stand before it.
# Not of a table: programs export that as a sheet.
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s|<\?xml[^>]*+>|<!--(?:(?!-->).)*+-->)*+"
    rb"<(?:!doctype html|html|head|script|body|title|div|center|p|h[1-6]|form|font|br|a)\b",
    re.I | re.S,
)


class Verdict(NamedTuple):
    """An outcome with its reason in a few words."""

    outcome: Outcome
    reason: str = ""


def of_status(status: int, body: bytes) -> Verdict | None:
    """What an answer amounts to by its status; None where the page itself has to be looked at."""
    if 200 <= status < 300 and status not in _INCOMPLETE:
        return None
    if status in _GONE:
        return Verdict(Outcome.GONE, f"status {status}")
    judged = judge_status(status, body)
    if judged is not None:
        nature, reason = judged
        return Verdict(_OF_NATURE[nature], reason)
    return Verdict(Outcome.FAILED, f"status {status}")


def of_redirect(target: str, source: str, refusal: str | None) -> Verdict | None:
    """What a redirect amounts to by where it leads; None where it has to be followed.

    `refusal` is why the fence is against going there, if it is.
    """
    if is_login_page(target):
        return Verdict(Outcome.SUSPECT, "redirects to a login page")
    if refusal is not None:
        return Verdict(Outcome.FORBIDDEN, f"redirects outside: {refusal}")
    if is_front_page(target, source):
        return Verdict(Outcome.GONE, "redirects to a front page")
    return None


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
        case IgnoreRequest() if isinstance(error.__cause__, ValueError):
            # Scrapy has no type of its own for what grows beyond the limit as it is decompressed.
            return Verdict(Outcome.FAILED, "the answer is larger than the limit")
        case IgnoreRequest():
            return Verdict(Outcome.FAILED, "redirects too often")
        case DownloadTimeoutError():
            return Verdict(Outcome.FAILED, "no complete answer in time")
        case DownloadCancelledError():
            return Verdict(Outcome.FAILED, "the answer is larger than the limit")
        case DownloadConnectionRefusedError():
            return Verdict(Outcome.FAILED, "the connection was refused")
        case DownloadFailedError() if isinstance(cause_of(error), HeadTooLongError):
            return Verdict(Outcome.FAILED, str(cause_of(error)))
        case DownloadFailedError():
            return Verdict(Outcome.FAILED, "the connection broke")
    said = str(error).strip()
    return Verdict(Outcome.FAILED, f"{type(error).__name__}{': ' + said if said else ''}"[:300])


def is_conditional(request: Request | None) -> bool:
    """Whether a request may be answered with "not modified" (R13)."""
    return request is not None and any(
        name in request.headers for name in ("If-None-Match", "If-Modified-Since")
    )


def is_page(content_type: str) -> bool:
    """Whether an answer claims to be a page, or nothing in particular."""
    media_type = content_type.split(";")[0].strip().lower()
    return not media_type or media_type.startswith(_PAGES)


def of_file(url: str, body: bytes) -> str:
    """Why an answer cannot be the attachment asked for (R10); `""` if it can.

    Files of text may say what they like, but not nothing.
    """
    is_text = urlsplit(url).path.lower().endswith(_TEXTS)
    if not is_text and _MARKUP.match(body[:_HEAD]):
        return "a page was sent in place of the file"
    if is_text and body.strip():
        return ""
    finding = judge_file(body)
    return f"{finding.reason} was sent in place of the file" if finding else ""
