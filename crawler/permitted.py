"""The permit to ask, looked at where requests leave: after every queue, delay and middleware.

Once when a request's turn has come, so that not even a connection is made, and once more when it is
about to be written: making a connection can take long, and a process can be frozen meanwhile.
"""

# ruff: noqa: N802 - the names are Twisted's.

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from twisted.internet.defer import fail

from crawler.answer_head import BoundedHeadHandler, Connection, Connections
from crawler.middlewares.refusals import RunEnding
from crawler.permit import Permit

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request as SentRequest
    from twisted.web.iweb import IResponse


class Bound(Protocol):
    """A spider whose requests are bound to a permit."""

    @property
    def permit(self) -> Permit:
        """What every request is bound to."""

    def permit_lost(self) -> None:
        """The permit did not hold any more when a request was to be sent."""


class PermittedHandler(BoundedHeadHandler):
    """The download handler of every crawl. A spider without a permit needs none."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = self._connections  # type: ignore[assignment]

    async def download_request(self, request: Request) -> Response:
        """Download what may still be asked for. Raises RunEnding."""
        self._check()
        return await super().download_request(request)

    def _check(self) -> None:
        spider: Bound | None = self._crawler.spider  # type: ignore[assignment]
        permit = getattr(spider, "permit", None)
        if spider is not None and permit is not None and not permit.holds():
            spider.permit_lost()
            raise RunEnding("the permit to ask was lost")

    def _connections(self, quiescent: Callable[..., None], metadata: str) -> _Connections:
        return _Connections(quiescent, metadata, self._check)


class _Connection(Connection):
    check: Callable[[], None]

    def request(self, request: SentRequest) -> Deferred[IResponse]:
        try:
            self.check()
        except RunEnding:
            return fail()
        return super().request(request)


class _Connections(Connections):
    def __init__(
        self, quiescent: Callable[..., None], metadata: str, check: Callable[[], None]
    ) -> None:
        super().__init__(quiescent, metadata)  # type: ignore[no-untyped-call]
        self._check = check

    def buildProtocol(self, addr: IAddress | None) -> _Connection:  # noqa: ARG002
        connection = _Connection(self._quiescentCallback)  # type: ignore[no-untyped-call]
        connection.check = self._check
        return connection
