"""Fetching the attachments of a document, so that page and attachments are recorded together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.capture import Capture, KeptFile
from archive.locations import NotALocationError, location_key
from archive.reading import LinkedFile
from crawler.middlewares.refusals import NotAsked, RunEnding
from crawler.session import Session
from crawler.verdict import is_file, of_error, of_status

# A page that links to more files than this is an index of files, and asking for all of them would
# hold its own capture back for minutes; the others are kept as addresses.
_MOST = 100


@dataclass
class _Waiting:
    """A capture that waits for its attachments."""

    capture: Capture
    outstanding: int
    files: list[KeptFile] = field(default_factory=list)


class Attachments:
    """Asks for the attachments of captures, and gives the captures back when they are there."""

    def __init__(self, session: Session, *, conditional: bool, priority: int) -> None:
        self._session = session
        self._archive = session.archive
        self._conditional = conditional
        self._priority = priority
        self._limits = session.order.settings.limits

    def collect(
        self, capture: Capture, links: tuple[LinkedFile, ...]
    ) -> Iterator[Request | Capture]:
        """Yield the requests for what is to be fetched, or the capture if there is nothing to."""
        waiting = _Waiting(capture, 0)
        requests = []
        for link in links[:_MOST]:
            refusal = self._refusal(link.url)
            if refusal is not None:
                waiting.files.append(KeptFile(link.name, link.url, None, reason=refusal))
                continue
            known = self._archive.known_file(link.url)
            if known is not None and known.fresh:
                waiting.files.append(
                    KeptFile(link.name, link.url, known.sha256, known.size, known.media_type)
                )
                continue
            requests.append(self._request(link, waiting))
        waiting.outstanding = len(requests)
        if requests:
            yield from requests
        else:
            yield from self._done(waiting)

    def _refusal(self, url: str) -> str | None:
        """Why an address is kept as an address and not asked for; None if it is."""
        try:
            location_key(url)
        except NotALocationError as error:
            return str(error)
        return self._session.fence.refusal(url)

    def _request(self, link: LinkedFile, waiting: _Waiting) -> Request:
        headers = {}
        known = self._archive.known_file(link.url) if self._conditional else None
        if known is not None:
            if known.etag:
                headers["If-None-Match"] = known.etag
            if known.last_modified:
                headers["If-Modified-Since"] = known.last_modified
        return Request(
            link.url,
            callback=self._parse,
            errback=self._failed,
            headers=headers,
            cb_kwargs={"link": link, "waiting": waiting},
            meta={"download_maxsize": self._limits.attachment_bytes},
            priority=self._priority,
            dont_filter=True,
        )

    def _parse(self, response: Response, link: LinkedFile, waiting: _Waiting) -> Iterator[Capture]:
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
        }
        if response.status == 304 and (known := self._archive.known_file(link.url)) is not None:
            self._archive.confirm_file(link.url)
            file = KeptFile(link.name, link.url, known.sha256, known.size, known.media_type)
            yield from self._arrived(waiting, file)
            return
        reason = self._fault(response, link)
        if reason:
            yield from self._arrived(waiting, KeptFile(link.name, link.url, None, reason=reason))
            return
        kept = self._archive.keep_file(link.url, response.body, headers)
        yield from self._arrived(waiting, replace(kept, name=link.name))

    def _fault(self, response: Response, link: LinkedFile) -> str:
        """Why an answer is not the attachment; `""` if it is. What the server is to blame for is
        counted as failed; a file that is gone is not.
        """
        verdict = of_status(response.status, response.body)
        if verdict is not None:
            if response.status not in (404, 410):
                self._note_failed(link, verdict.reason)
            return verdict.reason
        if "dataloss" in response.flags:
            self._note_failed(link, "the answer was cut off")
            return "the answer was cut off"
        if not is_file(link.url, response.body):
            self._note_failed(link, "a page was sent in place of the file")
            return "a page was sent in place of the file"
        return ""

    def _failed(self, failure: Failure) -> Iterator[Capture]:
        assert failure.value is not None
        if isinstance(failure.value, RunEnding):
            # The document is left for the next run, whole.
            return
        arguments: dict[str, Any] = failure.request.cb_kwargs  # type: ignore[attr-defined]
        link: LinkedFile = arguments["link"]
        reason = of_error(failure.value).reason
        if not isinstance(failure.value, NotAsked):
            self._note_failed(link, reason)
        file = KeptFile(link.name, link.url, None, reason=reason)
        yield from self._arrived(arguments["waiting"], file)

    def _arrived(self, waiting: _Waiting, file: KeptFile) -> Iterator[Capture]:
        waiting.files.append(file)
        waiting.outstanding -= 1
        if waiting.outstanding == 0:
            yield from self._done(waiting)

    def _done(self, waiting: _Waiting) -> Iterator[Capture]:
        yield replace(waiting.capture, attachments=tuple(waiting.files))

    def _note_failed(self, link: LinkedFile, reason: str) -> None:
        self._archive.note_failed_file()
        self._session.note_problem(f"the attachment {link.url} could not be fetched: {reason}")
