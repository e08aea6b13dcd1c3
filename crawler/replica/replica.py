"""The replica portal: an invented city and one of its agencies, served on a loopback port."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from crawler.replica.documents import FIRST_EPOCH, Host, Location, columns
from crawler.replica.epochs import EPOCHS, epoch_named, state_at, told_in
from crawler.replica.expectations import as_changes, documents_in
from crawler.replica.listing import page_path
from crawler.replica.server import ADDRESS, Answer, LoopbackSite, Request
from crawler.replica.site import Site

_HOSTNAMES: Mapping[str, Host] = {ADDRESS: "city", "localhost": "agency"}


class Replica:
    """A running portal that can be moved through its epochs and given faults.

    `http://127.0.0.1:PORT` is the city, `http://localhost:PORT` the agency; one server answers
    for both, on 127.0.0.1 alone. Port 0 takes any free port. `site` keeps the log of requests.
    """

    def __init__(self, epoch: str = FIRST_EPOCH, port: int = 0) -> None:
        self._faults: dict[str, Answer] = {}
        self.site = LoopbackSite(self._answer, port)
        self.move_to(epoch)

    @property
    def port(self) -> int:
        """The port of both hosts."""
        return self.site.port

    @property
    def city(self) -> str:
        """The city's address, without a trailing slash."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def agency(self) -> str:
        """The agency's address, without a trailing slash."""
        return f"http://localhost:{self.port}"

    @property
    def columns(self) -> list[str]:
        """The full addresses of all columns."""
        return [self._base(each.host) + page_path(each, 1) for each in columns().values()]

    def move_to(self, epoch: str) -> None:
        """Serve the epoch of this name from the next request on; ValueError if there is none."""
        self._pages = Site(epoch_named(epoch), {"city": self.city, "agency": self.agency})

    def fault(self, path: str, answer: Answer) -> None:
        """Answer this path, with or without its query, in this way on both hosts until `heal`."""
        self._faults[path] = answer

    def heal(self) -> None:
        """Take all faults away."""
        self._faults.clear()

    def expected_documents(self, epoch: str = FIRST_EPOCH) -> list[dict[str, Any]]:
        """The documents of an epoch: the fields by name, `text`, `attachments` (names), `urls`.

        The first of the `urls` is the document's own, the others are its further locations.
        """
        return documents_in(state_at(epoch_named(epoch)), self._address)

    def expected_changes(self, epoch: str) -> list[dict[str, Any]]:
        """Exactly the changes to be recorded by a sweep in this epoch after one in each before it.

        Each has `index_number` and `title` (after the change), `url_path`, `kind`, `field`,
        `before` and `after`, in the words of the ledger. `url_path` is the place where it shows:
        the new one for `relocated`, the newcomer's for `collision`. Where a document is published
        at several locations at once, a crawl may meet another of them first: then the `url_path`
        of `created` and the `after` of `relocated` change places.
        """
        return as_changes(told_in(epoch_named(epoch)), self._address, _path)

    def configuration(
        self,
        archive: Path,
        *,
        timetable: Mapping[str, str] | None = None,
        delay: float = 0.0,
    ) -> str:
        """A complete configuration file that watches this replica into an archive at this path.

        `delay` is in seconds between requests to one host.
        """
        portal: dict[str, Any] = {
            "name": "砚湖市人民政府",
            "hosts": [f"{ADDRESS}:{self.port}", f"localhost:{self.port}"],
            "columns": [{"url": url} for url in self.columns],
            "politeness": {"delay": delay, "concurrency": 4, "robots": True},
        }
        if timetable is not None:
            portal["timetable"] = dict(timetable)
        settings = {
            "timezone": "Asia/Shanghai",
            "contact": "archive@example.org",
            "archive": {"path": str(archive)},
            "log": {"level": "info", "file": str(archive.parent / "log" / "yange.jsonl")},
            "portals": {"replica": portal},
            "notify": [],
        }
        return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)

    def start(self) -> None:
        """Begin to serve."""
        self.site.start()

    def close(self) -> None:
        """Stop serving and end every open connection."""
        self.site.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _answer(self, request: Request) -> Answer:
        for path in (request.path, request.path.partition("?")[0]):
            if path in self._faults:
                return self._faults[path]
        host = _HOSTNAMES.get(request.hostname)
        if host is None:
            return Answer.html("<h1>421 Misdirected Request</h1>", status=421)
        return self._pages.answer(host, request.path)

    def _base(self, host: Host) -> str:
        return self.city if host == "city" else self.agency

    def _address(self, location: Location) -> str:
        return self._base(columns()[location.column].host) + _path(location)


def epoch_names() -> list[str]:
    """The names of all epochs, in order."""
    return [epoch.name for epoch in EPOCHS]


def _path(location: Location) -> str:
    return columns()[location.column].path_of(location.article)
