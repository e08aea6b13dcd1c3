"""Requests and answers as a site sees them, and the simplest site: a mapping of pages.

What a network does to an answer on its way (slowly, cut off, never) is part of the `Answer`.
"""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived.

    `host` is the Host header in lower case, port included; `path` includes the query; `headers`
    looks names up in any case. `monotonic` is in seconds, `received_at` is aware (UTC).
    `connection` is the client's port: what came from one connection has the same.
    """

    host: str
    path: str
    method: str
    headers: Message
    monotonic: float
    received_at: datetime
    connection: int

    @property
    def hostname(self) -> str:
        """The host without its port."""
        return self.host.rpartition(":")[0] if ":" in self.host else self.host


@dataclass(frozen=True, slots=True)
class Drip:
    """Send the body in pieces of `size` bytes, `interval` seconds apart."""

    size: int = 64
    interval: float = 0.1


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection after `sent` bytes of the body; None: before the status line."""

    sent: int | None = None


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Send `sent` bytes of the body, None for all, without saying how many, and close."""

    sent: int | None = None


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing until `released` is set (or the site closes), then answer as usual."""

    released: threading.Event


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site answers, and what happens to the answer on its way.

    A Content-Length is computed unless `headers` states one, right or wrong. An answer of status
    200 with an ETag or a Last-Modified is answered 304 to a request that already has it.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    then: Drip | Drop | Hang | Unmeasured | None = None

    @classmethod
    def html(cls, text: str, *, status: int = 200, charset: str = "utf-8") -> Self:
        """A page in this charset, named in its Content-Type."""
        return cls(status, {"Content-Type": f"text/html; charset={charset}"}, text.encode(charset))

    @classmethod
    def redirect(cls, location: str, *, status: int = 301) -> Self:
        """A redirect to `location`, which may be relative."""
        return cls(status, {"Location": location})


class Pages(dict[tuple[str | None, str], Answer | bytes | str]):
    """A site as a mutable mapping: `{(host or None for any, path): answer}`.

    The host is given with its port or without. A path with a query is looked up as it is, then
    without the query. Plain text and bytes are pages answered 200, with a media type by the
    path's ending (else HTML); whatever is not in the mapping is answered 404.
    """

    def __call__(self, request: Request) -> Answer:
        """The answer to one request."""
        bare = request.path.partition("?")[0]
        for path in (request.path, bare):
            for host in (request.host, request.hostname, None):
                found = self.get((host, path))
                if found is not None:
                    return _as_answer(found, bare)
        return Answer.html("<html><body><h1>404 Not Found</h1></body></html>", status=404)


def _as_answer(page: Answer | bytes | str, path: str) -> Answer:
    if isinstance(page, Answer):
        return page
    media_type = mimetypes.guess_type(path)[0] or "text/html"
    if isinstance(page, bytes):
        return Answer(200, {"Content-Type": media_type}, page)
    return Answer(200, {"Content-Type": f"{media_type}; charset=utf-8"}, page.encode())


def is_known_to(client: Request, answer: Answer) -> bool:
    """Whether the client's validators say that it already has this answer (RFC 9110, 13.2.2)."""
    if answer.status != 200:
        return False
    tag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
    known_tags = client.headers.get("If-None-Match")
    if known_tags is not None:
        known = {candidate.strip().removeprefix("W/") for candidate in known_tags.split(",")}
        return tag is not None and ("*" in known or tag.removeprefix("W/") in known)
    known_date = client.headers.get("If-Modified-Since")
    if known_date is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(known_date)
    except (ValueError, TypeError):
        return False
