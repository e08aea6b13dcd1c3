"""The spider: which pages a crawl asks for, and in what order; captures are what it yields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, Spider, signals
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.archive import Target
from archive.canonical import sha256
from archive.capture import Capture, ColumnVisit, Hop, Outcome
from archive.errors import YangeError
from archive.locations import NotALocationError, location_key, location_url
from archive.reading import LinkedFile
from crawler.attachments import Attachments
from crawler.columns import ColumnWalk
from crawler.middlewares.refusals import RunEnding
from crawler.order import Mode
from crawler.session import Session
from crawler.verdict import Verdict, is_front_page, is_page, of_error, of_nature, of_status

# Requests wait in memory, so they are made as they are needed: this many ahead.
_AHEAD = 64
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A document is complete when its attachments are; pages that are waited for wait in memory.
_BEFORE_PAGES = 10

Yielded = Request | Capture | ColumnVisit


class PortalSpider(Spider):
    """Carries out one order. Everything it wants to know of the past it asks the archive."""

    name = "portal"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._order = session.order
        self._archive = session.archive
        self._asked: set[str] = set()
        self._documents_asked = 0
        self._attachments = Attachments(
            session, conditional=self._order.mode is not Mode.SWEEP, priority=_BEFORE_PAGES
        )

    async def start(self) -> AsyncIterator[Any]:
        """The requests that do not follow from an answer, made as the queue runs empty."""
        try:
            for number, request in enumerate(self._first_requests(), start=1):
                yield request
                if number % _AHEAD == 0:
                    await self.crawler.signals.wait_for(signals.scheduler_empty)
        except YangeError as error:
            self.session.fail(self.crawler, error)

    def _first_requests(self) -> Iterator[Request]:
        if self._order.only is not None:
            for url in self._order.only:
                yield from self._ask(Target(url))
            return
        elsewhere = not self._order.in_columns
        if elsewhere and self._order.mode is not Mode.RECHECK:
            # What an earlier run left undone comes first.
            for url in self._archive.frontier():
                yield from self._ask(Target(url))
        if elsewhere and self._order.mode is not Mode.DISCOVER:
            # Before the lists: where a known location redirects to a new one, the new one is to be
            # met as its successor, not as a stranger in a list.
            conditional = self._order.mode is Mode.RECHECK
            for target in self._archive.known_locations(conditional=conditional):
                yield from self._ask(target)
        if self._order.mode is not Mode.RECHECK:
            for column in self._order.columns:
                yield self._list_request(ColumnWalk(column, self.session), column)

    # --- lists --------------------------------------------------------------------------------

    def _list_request(self, walk: ColumnWalk, url: str) -> Request:
        return Request(
            url,
            callback=self._parse_list,
            errback=self._list_failed,
            cb_kwargs={"walk": walk},
            dont_filter=True,
        )

    def _parse_list(self, response: Response, walk: ColumnWalk) -> Iterator[Yielded]:
        page = walk.read(response)
        for row in page.rows:
            if self._order.mode is Mode.SWEEP and self._archive.leads_to(row) is not None:
                continue
            yield from self._ask(Target(row))
        if page.next_url is not None and not self._is_satisfied:
            yield self._list_request(walk, page.next_url)
        else:
            yield walk.visit(ended=page.ended)

    def _list_failed(self, failure: Failure) -> Iterator[ColumnVisit]:
        assert failure.value is not None
        if isinstance(failure.value, RunEnding):
            return
        walk: ColumnWalk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        walk.failed = of_error(failure.value).reason
        yield walk.visit(ended=False)

    # --- documents ----------------------------------------------------------------------------

    @property
    def _is_satisfied(self) -> bool:
        limit = self._order.limit
        return limit is not None and self._documents_asked >= limit

    def _ask(self, target: Target) -> Iterator[Request]:
        """Ask for a location, unless this run has already, or has asked for enough."""
        try:
            key = location_key(target.url)
        except NotALocationError:
            return
        if key in self._asked or self._is_satisfied:
            return
        self._asked.add(key)
        self._documents_asked += 1
        yield self._document_request(target, ())

    def _document_request(self, target: Target, hops: tuple[Hop, ...]) -> Request:
        headers = {}
        if target.etag:
            headers["If-None-Match"] = target.etag
        if target.last_modified:
            headers["If-Modified-Since"] = target.last_modified
        return Request(
            target.url,
            callback=self._parse_document,
            errback=self._document_failed,
            headers=headers,
            cb_kwargs={"hops": hops},
            # A redirect says something about the location, so it is ours to follow.
            meta={"dont_redirect": True},
            dont_filter=True,
        )

    def _parse_document(self, response: Response, hops: tuple[Hop, ...]) -> Iterator[Yielded]:
        if response.status in _REDIRECTS and response.headers.get("Location"):
            yield from self._follow(response, hops)
            return
        capture = self._capture(response, hops)
        if response.status == 304:
            links = self._archive.recall(response.url) or ()
            yield from self._complete(replace(capture, outcome=Outcome.UNCHANGED), links)
            return
        verdict = of_status(response.status, response.body)
        if verdict is None and "dataloss" in response.flags:
            verdict = Verdict(Outcome.SUSPECT, "the answer was cut off")
        if verdict is None and not is_page(capture.headers.get("content-type", "")):
            media_type = capture.headers["content-type"]
            yield _of(capture, hops, Outcome.OTHER, f"a file of type {media_type}")
            return
        if verdict is not None:
            yield _of(capture, hops, *verdict)
            return
        links_known = self._archive.recall(response.url, sha256(response.body))
        if links_known is not None:
            unchanged = replace(capture, outcome=Outcome.UNCHANGED, body=None)
            yield from self._complete(unchanged, links_known)
            return
        reading = self.session.reader.read(
            response.body,
            url=response.url,
            content_type=capture.headers.get("content-type", ""),
        )
        verdict = of_nature(reading.nature, reading.reason)
        if verdict.outcome is not Outcome.DOCUMENT:
            yield _of(capture, hops, *verdict)
            return
        yield from self._complete(replace(capture, reading=reading), reading.attachments)

    def _follow(self, response: Response, hops: tuple[Hop, ...]) -> Iterator[Yielded]:
        """Go where a location redirects to, once, within the fence."""
        here = response.url
        location = (response.headers.get("Location") or b"").decode("utf-8", "replace")
        target = urljoin(here, location.strip())
        hops = (*hops, Hop(here, response.status))
        capture = self._capture(response, hops)
        refusal = self.session.fence.refusal(target)
        if refusal is not None:
            yield _of(capture, hops, Outcome.FORBIDDEN, f"redirects outside: {refusal}")
            return
        key = location_key(target)
        if is_front_page(target, here):
            yield _of(capture, hops, Outcome.GONE, "redirects to a front page")
        elif len(hops) > self._order.settings.limits.redirects:
            yield _of(capture, hops, Outcome.FAILED, "redirects too often")
        elif key == location_key(here) or key not in self._asked:
            self._asked.add(key)
            yield self._document_request(Target(location_url(target)), hops)
        elif key not in {location_key(hop.url) for hop in hops}:
            # This run has asked there already: only what led there remains to be said.
            for hop in hops:
                yield replace(
                    capture, url=hop.url, outcome=Outcome.MOVED, status=hop.status, moved_to=target
                )
        else:
            yield _of(capture, hops, Outcome.FAILED, "redirects in a circle")

    def _document_failed(self, failure: Failure) -> Iterator[Capture]:
        assert failure.value is not None
        if isinstance(failure.value, RunEnding):
            return
        request: Request = failure.request  # type: ignore[attr-defined]
        capture = Capture(url=request.url, at=datetime.now(UTC), outcome=Outcome.FAILED)
        yield _of(capture, request.cb_kwargs["hops"], *of_error(failure.value))

    def _complete(self, capture: Capture, links: tuple[LinkedFile, ...]) -> Iterator[Yielded]:
        """Yield a capture of a document once its attachments have been asked for."""
        yield from self._attachments.collect(capture, links)

    def _capture(self, response: Response, hops: tuple[Hop, ...]) -> Capture:
        here = location_key(response.url)
        return Capture(
            url=response.url,
            at=datetime.now(UTC),
            outcome=Outcome.DOCUMENT,
            status=response.status,
            headers=_headers(response),
            body=response.body,
            # From http to https is the same location, and so no move.
            moved_from=tuple(hop for hop in hops if location_key(hop.url) != here),
        )


def _of(capture: Capture, hops: tuple[Hop, ...], outcome: Outcome, reason: str) -> Capture:
    """A capture that is no document: it is said of the location that was asked."""
    asked = hops[0].url if hops else capture.url
    return replace(capture, url=asked, outcome=outcome, reason=reason, moved_from=())


def _headers(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
