"""Fetching the attachments of a document, so that page and attachments are recorded together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.capture import Capture, KeptFile
from archive.locations import location_key
from archive.reading import LinkedFile
from crawler.middlewares.refusals import NotAsked, RunEnding
from crawler.reading.file_ends import has_end
from crawler.session import Session
from crawler.verdict import is_conditional, of_error, of_file, of_status


@dataclass
class _Waiting:
    """A capture that waits for its attachments."""

    capture: Capture
    outstanding: int
    files: list[KeptFile] = field(default_factory=list)


@dataclass
class _Fetch:
    """A file that is being fetched or could not be: who waits for it, and why there is none.

    Several documents can link to one file, which is asked for once in a run, whatever comes of it.
    """

    waiting: list[tuple[LinkedFile, _Waiting]] = field(default_factory=list)
    fault: str | None = None


class Attachments:
    """Asks for the attachments of captures, and gives the captures back when they are there."""

    def __init__(self, session: Session, *, conditional: bool, priority: int) -> None:
        self._session = session
        self._keeper = session.keeper
        self._conditional = conditional
        self._priority = priority
        self._limits = session.order.settings.limits
        self._fetches: dict[str, _Fetch] = {}

    def collect(
        self, capture: Capture, links: tuple[LinkedFile, ...]
    ) -> Iterator[Request | Capture]:
        """Yield the requests for what is to be fetched, or the capture if there is nothing to."""
        waiting = _Waiting(capture, 0)
        requests = []
        for link in self._within_limit(capture, links):
            refusal = self._session.refusal(link.url)
            if refusal is not None:
                waiting.files.append(KeptFile(link.name, link.url, None, reason=refusal))
                continue
            known = self._keeper.known_file(link.url)
            if known is not None and known.fresh:
                waiting.files.append(
                    KeptFile(link.name, link.url, known.sha256, known.size, known.media_type)
                )
                continue
            fetch = self._fetches.get(location_key(link.url))
            if fetch is None:
                fetch = self._fetches[location_key(link.url)] = _Fetch()
                requests.append(self._request(link))
            elif fetch.fault is not None:
                waiting.files.append(KeptFile(link.name, link.url, None, reason=fetch.fault))
                continue
            fetch.waiting.append((link, waiting))
            waiting.outstanding += 1
        yield from requests
        if not waiting.outstanding:
            yield from self._done(waiting)

    def _within_limit(
        self, capture: Capture, links: tuple[LinkedFile, ...]
    ) -> tuple[LinkedFile, ...]:
        """The attachments to fetch: an index of files would hold its own capture back for hours."""
        most = self._limits.attachments
        if len(links) > most:
            self._session.note_problem(
                f"{capture.url} links to {len(links)} attachments; all but the first {most} are"
                " kept as addresses (limits.attachments)"
            )
        return links[:most]

    def _request(self, link: LinkedFile) -> Request:
        headers = {}
        known = self._keeper.known_file(link.url) if self._conditional else None
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
            cb_kwargs={"link": link},
            meta={"download_maxsize": self._limits.attachment_bytes},
            priority=self._priority,
            dont_filter=True,
        )

    def _parse(self, response: Response, link: LinkedFile) -> Iterator[Capture]:
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
        }
        known = self._keeper.known_file(link.url)
        if response.status == 304 and known is not None and is_conditional(response.request):
            self._keeper.confirm_file(link.url)
            kept = KeptFile("", link.url, known.sha256, known.size, known.media_type)
        elif fault := self._fault(response, link):
            kept = KeptFile("", link.url, None, reason=fault)
        else:
            kept = self._keeper.keep_file(link.url, response.body, headers)
        yield from self._arrived(link, kept)

    def _fault(self, response: Response, link: LinkedFile) -> str:
        """Why an answer is not the attachment; `""` if it is. What the server is to blame for is
        counted as failed; a file that is gone is not.
        """
        verdict = of_status(response.status, response.body)
        if verdict is not None:
            if response.status not in (404, 410):
                self._note_failed(link, verdict.reason)
            return verdict.reason
        if "dataloss" in response.flags or self._ends_early(response, link):
            self._note_failed(link, "the answer was cut off")
            return "the answer was cut off"
        fault = of_file(link.url, response.body)
        if fault:
            self._note_failed(link, fault)
        return fault

    def _ends_early(self, response: Response, link: LinkedFile) -> bool:
        """Whether an answer of which nobody said how long it is looks cut off.

        Its format says so, or, where that does not tell, it is but the beginning of what this
        address gave before. (Scrapy calls such an answer partial, whether or not it is.)
        """
        if "partial" not in response.flags:
            return False
        whole = has_end(response.body)
        if whole is None:
            return self._keeper.is_beginning_of_known(link.url, response.body)
        return not whole

    def _failed(self, failure: Failure) -> Iterator[Capture]:
        assert failure.value is not None
        if isinstance(failure.value, RunEnding):
            # The document is left for the next run, whole.
            return
        link: LinkedFile = failure.request.cb_kwargs["link"]  # type: ignore[attr-defined]
        reason = of_error(failure.value).reason
        if not isinstance(failure.value, NotAsked):
            self._note_failed(link, reason)
        yield from self._arrived(link, KeptFile("", link.url, None, reason=reason))

    def _arrived(self, asked: LinkedFile, file: KeptFile) -> Iterator[Capture]:
        """Hand a file, or the reason why there is none, to all that wait for it."""
        fetch = self._fetches[location_key(asked.url)]
        for link, waiting in fetch.waiting:
            waiting.files.append(replace(file, name=link.name, url=link.url))
            waiting.outstanding -= 1
            if waiting.outstanding == 0:
                yield from self._done(waiting)
        fetch.waiting.clear()
        if file.sha256 is None:
            fetch.fault = file.reason

    def _done(self, waiting: _Waiting) -> Iterator[Capture]:
        yield replace(waiting.capture, attachments=tuple(waiting.files))

    def _note_failed(self, link: LinkedFile, reason: str) -> None:
        self._keeper.note_failed_file()
        self._session.note_problem(f"the attachment {link.url} could not be fetched: {reason}")
