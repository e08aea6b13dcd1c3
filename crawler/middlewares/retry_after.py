"""Honours `Retry-After`: a host that asks for a pause gets it, and other hosts go on."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler.fence import origin_of
from crawler.middlewares.refusals import AskedToWait
from crawler.middlewares.slots import dismiss_waiting, hold_back

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

# Too Many Requests (RFC 6585, 4) and Service Unavailable (RFC 9110, 15.6.4).
_STATUSES = frozenset({429, 503})
# The longest pause within a run, in seconds. Overload passes in such a time; a maintenance that is
# announced for longer is better waited for by the next run than by this one.
LONGEST_PAUSE = 120.0


class RetryAfterMiddleware:
    """Holds a host back for as long as its 429 or 503 asks.

    Afterwards Scrapy's RetryMiddleware asks again, as often as it would anyway. A host that asks
    for more than LONGEST_PAUSE is not asked again in this run: what is left for it ends in
    AskedToWait.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._left_alone: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        # By signal, because a middleware's turn comes after the slot has sent its next request.
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    async def process_request(self, request: Request) -> None:
        if reason := self._left_alone.get(origin_of(request.url).host):
            raise AskedToWait(reason)

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Hold the host back, if that is what its answer asks for."""
        pause = retry_after(response) if response.status in _STATUSES else None
        if not pause:
            return
        host = origin_of(request.url).host
        self._crawler.stats.inc_value("yange/retry_after")
        if pause > LONGEST_PAUSE:
            reason = f"{host} asked to be left alone for {pause:.0f} seconds"
            logger.warning("Not asked again in this run: %s", reason)
            self._left_alone[host] = reason
            dismiss_waiting(self._crawler, AskedToWait(reason), host)
        else:
            logger.info("Holding %s back for %.0f seconds, as it asks", host, pause)
            hold_back(self._crawler, host, pause)


def retry_after(response: Response) -> float | None:
    """The seconds that an answer's Retry-After asks for, or None without a readable one.

    A date is counted from the answer's own Date, so that a host's wrong clock does no harm.
    """
    value = _header(response, "Retry-After")
    if value.isascii() and value.isdigit():
        return float(value)
    until = _moment(value)
    if until is None:
        return None
    now = _moment(_header(response, "Date")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1").strip()


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    # "-0000" gives a naive time; HTTP dates are always in UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
