"""The spider: which pages a crawl asks for, and in what order; captures are what it yields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, Spider, signals
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.agenda import Target
from archive.canonical import sha256
from archive.capture import Capture, ColumnVisit, Hop, Outcome
from archive.errors import YangeError
from archive.locations import NotALocationError, location_key, location_url
from archive.reading import LinkedFile
from crawler.attachments import Attachments
from crawler.columns import ColumnWalk
from crawler.landings import Landings, Redirected, said_of
from crawler.middlewares.refusals import RunEnding
from crawler.navigation.subtrees import Subtrees
from crawler.navigation.survey import Step, survey_request
from crawler.order import Mode
from crawler.permit import Permit, PermitLostError
from crawler.progress import Progress
from crawler.session import Session
from crawler.verdict import (
    Verdict,
    is_conditional,
    is_page,
    of_error,
    of_nature,
    of_redirect,
    of_status,
)

# Requests wait in memory, so they are made as they are needed: this many ahead.
_AHEAD = 64
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A document is complete when its attachments are; pages that are waited for wait in memory.
_BEFORE_PAGES = 10

Yielded = Request | Capture | ColumnVisit


class PortalSpider(Spider):
    """Carries out one order. Everything it wants to know of the past it asks its keeper."""

    name = "portal"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._order = session.order
        self._keeper = session.keeper
        self._asked: set[str] = set()
        self._documents_asked = 0
        self._attachments = Attachments(
            session, conditional=self._order.mode is not Mode.SWEEP, priority=_BEFORE_PAGES
        )
        self._landings = Landings()
        self.title = f"{self._order.portal} {self._order.mode}"

    @cached_property
    def _subtrees(self) -> Subtrees:
        # Not with the spider: a keeper that cannot answer is told of once the crawl has begun.
        return Subtrees(self.session)

    @property
    def permit(self) -> Permit:
        """What every request of the crawl is bound to."""
        return self.session.permit

    def permit_lost(self) -> None:
        """End the crawl, since nothing may be asked any more."""
        self.session.fail(self.crawler, PermitLostError())

    @property
    def progress(self) -> Progress:
        """How far the crawl has come."""
        account = self.session.account
        figures = f"{account.new} new  {account.changed} changed  {account.failed} failed"
        return Progress(account.pages, figures)

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
            for url in self._keeper.frontier():
                yield from self._ask(Target(url))
        if elsewhere and self._order.mode is not Mode.DISCOVER:
            # Before the lists: where a known location redirects to a new one, the new one is to be
            # met as its successor, not as a stranger in a list.
            for target in self._known_locations():
                yield from self._ask(target)
        if self._order.mode is not Mode.RECHECK:
            yield from self._search_requests() or self._lists_left()

    def _known_locations(self) -> Iterable[Target]:
        if self._order.mode is not Mode.RECHECK:
            return self._keeper.known_locations(conditional=False)
        if self._order.limit is None:
            return self._keeper.known_locations(conditional=True)
        ceiling_days = self._order.settings.recheck.ceiling_days
        return self._keeper.due_locations(self._order.limit, ceiling_days=ceiling_days)

    # --- the search for columns ---------------------------------------------------------------

    def _search_requests(self) -> list[Request]:
        return [
            survey_request(step, self._parse_navigation, self._navigation_failed)
            for step in self._subtrees.survey.steps()
        ]

    def _parse_navigation(self, response: Response, step: Step) -> Iterator[Yielded]:
        column = self._subtrees.read(step, response)
        if column is not None:
            # The search has fetched the first page of its list.
            yield from self._parse_list(response, ColumnWalk(column, self.session))
        yield from self._go_on_searching()

    def _navigation_failed(self, failure: Failure) -> Iterator[Yielded]:
        assert failure.value is not None
        if isinstance(failure.value, RunEnding):
            return
        step: Step = failure.request.cb_kwargs["step"]  # type: ignore[attr-defined]
        self._subtrees.survey.fail(step, failure.value)
        yield from self._go_on_searching()

    def _go_on_searching(self) -> Iterator[Request]:
        yield from self._search_requests()
        if self._subtrees.close():
            yield from self._lists_left()

    def _lists_left(self) -> Iterator[Request]:
        """The lists that the search has not come upon; without a search, all of them."""
        for column in self._subtrees.left():
            walk = ColumnWalk(column.url, self.session)
            callback = self._parse_found_list if column.found else self._parse_list
            yield self._list_request(walk, column.url, callback)

    def _parse_found_list(self, response: Response, walk: ColumnWalk) -> Iterator[Yielded]:
        if self._subtrees.stands(walk.column, response):
            yield from self._parse_list(response, walk)

    # --- lists --------------------------------------------------------------------------------

    def _list_request(
        self, walk: ColumnWalk, url: str, callback: Callable[..., Iterator[Yielded]] | None = None
    ) -> Request:
        return Request(
            url,
            callback=callback or self._parse_list,
            errback=self._list_failed,
            cb_kwargs={"walk": walk},
            dont_filter=True,
        )

    def _parse_list(self, response: Response, walk: ColumnWalk) -> Iterator[Yielded]:
        page = walk.read(response)
        for row in page.rows:
            if self._order.mode is Mode.SWEEP and self._keeper.leads_to(row) is not None:
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
        if response.status == 304 and is_conditional(response.request):
            links = self._keeper.recall(response.url) or ()
            yield from self._complete(replace(capture, outcome=Outcome.UNCHANGED), links)
            return
        verdict = of_status(response.status, response.body)
        if verdict is None and "dataloss" in response.flags:
            verdict = Verdict(Outcome.SUSPECT, "the answer was cut off")
        if verdict is None and not is_page(capture.headers.get("content-type", "")):
            media_type = capture.headers["content-type"]
            verdict = Verdict(Outcome.OTHER, f"a file of type {media_type}")
        if verdict is not None:
            yield from self._no_document(capture, hops, verdict)
            return
        links_known = self._keeper.recall(response.url, sha256(response.body))
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
            yield from self._no_document(capture, hops, verdict)
            return
        yield from self._complete(replace(capture, reading=reading), reading.attachments)

    def _follow(self, response: Response, hops: tuple[Hop, ...]) -> Iterator[Yielded]:
        """Go where a location redirects to, once, within the fence."""
        here = response.url
        location = (response.headers.get("Location") or b"").decode("utf-8", "replace")
        hops = (*hops, Hop(here, response.status))
        capture = self._capture(response, hops)
        verdict: Verdict | None
        try:
            target = urljoin(here, location.strip())
            key = location_key(target)
            verdict = of_redirect(target, here, self.session.fence.refusal(target))
        except ValueError:
            verdict = Verdict(Outcome.FORBIDDEN, "redirects to what is no address")
        if verdict is not None:
            yield from self._no_document(capture, hops, verdict)
            return
        own = location_key(here)
        circle = key != own and key in {location_key(hop.url) for hop in hops}
        if circle or len(hops) > self._order.settings.limits.redirects:
            reason = "redirects in a circle" if circle else "redirects too often"
            yield from self._no_document(capture, hops, Verdict(Outcome.FAILED, reason))
            return
        if key == own or key not in self._asked:
            self._asked.add(key)
            # Of another spelling of the same location the validators are still its own.
            known = _validators(response.request) if key == own else (None, None)
            yield self._document_request(Target(location_url(target), *known), hops)
        else:
            yield from self._landings.lead(Redirected(capture, hops, target))
        if key != own:
            yield from self._landings.settle(here, None)

    def _document_failed(self, failure: Failure) -> Iterator[Capture]:
        assert failure.value is not None
        if isinstance(failure.value, RunEnding):
            return
        request: Request = failure.request  # type: ignore[attr-defined]
        capture = Capture(url=request.url, at=datetime.now(UTC), outcome=Outcome.FAILED)
        yield from self._no_document(capture, request.cb_kwargs["hops"], of_error(failure.value))

    def _no_document(
        self, capture: Capture, hops: tuple[Hop, ...], verdict: Verdict
    ) -> Iterator[Capture]:
        yield said_of(capture, hops, *verdict)
        if hops and hops[-1].url != capture.url and self._keeper.recall(capture.url) is not None:
            # A document's own location was asked, if by way of another, and is not asked again.
            yield said_of(capture, (), *verdict)
        yield from self._landings.settle(capture.url, verdict)

    def _complete(self, capture: Capture, links: tuple[LinkedFile, ...]) -> Iterator[Yielded]:
        """Yield a capture of a document once its attachments have been asked for."""
        yield from self._attachments.collect(capture, links)
        yield from self._landings.settle(capture.url, None)

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


def _validators(request: Request | None) -> tuple[str | None, str | None]:
    """The validators that a request for a document came with."""
    assert request is not None
    etag, modified = map(request.headers.get, ("If-None-Match", "If-Modified-Since"))
    return etag.decode() if etag else None, modified.decode() if modified else None


def _headers(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
