"""A bound on the head of an answer: its status line, its headers and what is said before them.

Twisted bounds a single header line and the whole time, but neither the number of headers nor that
of interim answers (status 1xx), so a server could fill the memory with them until the time is out.
"""

# ruff: noqa: N802 - the names are Twisted's.

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS, ResponseFailed

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request
    from twisted.web.iweb import IResponse

# Servers and browsers stop between 8 KiB and 256 KiB.
LONGEST_HEAD = 256 * 1024


class HeadTooLongError(Exception):
    """The headers of an answer never came to their end."""

    def __init__(self) -> None:
        super().__init__(f"the answer's headers are longer than {LONGEST_HEAD // 1024} KiB")


class BoundedHeadHandler(HTTP11DownloadHandler):
    """Scrapy's download handler, with connections that give up on a head without end."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = Connections


class Connection(_LenientHTTP11ClientProtocol):
    """A connection that does."""

    _head = 0

    def request(self, request: Request) -> Deferred[IResponse]:
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self._giveUp(Failure(HeadTooLongError()))  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class Connections(_LenientHTTP11ClientFactory):
    """Makes them."""

    def buildProtocol(self, addr: IAddress | None) -> Connection:  # noqa: ARG002
        return Connection(self._quiescentCallback)  # type: ignore[no-untyped-call]


def cause_of(error: BaseException) -> BaseException | None:
    """What made a download fail: the first of the reasons that Twisted gives."""
    failed = error.__cause__
    if not isinstance(failed, ResponseFailed):
        return failed
    return failed.reasons[0].value if failed.reasons else None
