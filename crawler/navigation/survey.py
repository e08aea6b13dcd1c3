"""A walk through a portal's navigation in search of columns: what to ask for, what was found.

No input or output of its own: whoever fetches pages asks for `steps`, and hands what became of
each one to `read` or `fail`. Portals are full of spaces without an end, such as calendars and
filters that combine. So a walk is bounded in three ways: by depth, by the number of pages, and by
patience: a *shape* of address, which is what is left of it without its digits, is given up when a
number of its pages in a row showed nothing new.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.capture import Outcome
from archive.reading import Reader
from crawler.fence import Fence
from crawler.navigation.addresses import (
    folder_of,
    page_key,
    shape_of,
    stands_below,
    without_session,
)
from crawler.reading.listing import NO_TITLES, Listing
from crawler.reading.navigation import Waypoint, read_waypoint
from crawler.verdict import Verdict, is_page, of_error, of_status

# Under way at the same time; what they show decides what of the rest is worth asking for.
_AHEAD = 16
_PATIENCE = 30
# R11, for pages of the navigation: more than three quarters of the last so many.
_WINDOW = 20
_MOST_FAILED = 15
_NO_NAMES = frozenset(("首页", "网站首页", "主页", "返回", "上一级", "index", "home"))


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a walk begins, how many links it follows from there, and whether it stays below it."""

    url: str
    depth: int
    bounded: bool = False

    def holds(self, url: str) -> bool:
        """Whether a page may be one of this entry's walk, as far as its address tells."""
        return not self.bounded or stands_below(url, folder_of(self.url))


class Step(NamedTuple):
    """A page to ask for: how many links led there from its entry, and what the last one said.

    `place` counts the steps in the order in which they were met.
    """

    place: int
    url: str
    depth: int
    text: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Column:
    """A column as found. `pages` is None where its pager does not say it; `newest` an ISO date."""

    url: str
    name: str
    pages: int | None
    rows: int
    newest: str | None
    entry: Entry
    place: int


class Survey:
    """One walk. `reader` tells documents from lists; `limit` is the most pages to ask for."""

    def __init__(
        self, entries: Sequence[Entry], *, fence: Fence, reader: Reader, limit: int
    ) -> None:
        self._fence = fence
        self._reader = reader
        self._limit = limit
        self._waiting: deque[tuple[Step, str]] = deque()
        self._known: set[str] = set()
        self._shapes: set[str] = set()
        self._fruitless: Counter[str] = Counter()
        self._site_names: set[str] = set()
        self._columns: list[Column] = []
        self._places: dict[tuple[object, ...], int] = {}
        self._last: deque[bool] = deque(maxlen=_WINDOW)
        self._under_way = 0
        self.asked = 0
        self.answered: set[Entry] = set()
        """The entries whose own page could be read."""
        self.failures: list[tuple[str, str]] = []
        """Pages that could not be had, each with the reason."""
        self.limit_reached = False
        self.walled = False
        """Whether the walk was given up because most pages failed."""
        for entry in entries:
            self._enqueue(entry.url, 0, "", entry)

    @property
    def columns(self) -> list[Column]:
        """What was found so far, in the order in which the navigation names it."""
        return sorted(self._columns, key=lambda column: column.place)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask for, and nothing is under way."""
        return not self._under_way and (self.walled or self.limit_reached or not self._waiting)

    def steps(self) -> Iterator[Step]:
        """What to ask for now; to be called again after each answer."""
        while self._waiting and self._under_way < _AHEAD and not self.walled:
            step, shape = self._waiting[0]
            if self._fruitless[shape] >= _PATIENCE:
                self._waiting.popleft()
                continue
            if self.asked >= self._limit:
                self.limit_reached = True
                return
            self._waiting.popleft()
            self.asked += 1
            self._under_way += 1
            yield step

    def fail(self, step: Step, error: BaseException) -> None:
        """A page could not be asked for, or did not answer."""
        verdict = of_error(error)
        self._miss(step, verdict)

    def read(self, step: Step, response: Response) -> Column | None:
        """Take in the page that answered; the column that it is, if it is a new one."""
        verdict = of_status(response.status, response.body)
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        if verdict is None and "dataloss" in response.flags:
            verdict = Verdict(Outcome.SUSPECT, "the answer was cut off")
        if verdict is not None:
            self._miss(step, verdict)
            return None
        if not is_page(content_type):
            self._close(step)
            return None
        return self._take(step, response.url, response.body, content_type)

    def shortfalls(self) -> Iterator[str]:
        """Why there may be columns that were not found, in sentences."""
        if self.walled:
            yield f"the walk was given up: {_MOST_FAILED + 1} of the last {_WINDOW} pages failed"
        elif self.limit_reached:
            yield f"the walk stopped at its limit of {self._limit} pages, with others left to ask"
        if self.failures:
            (url, reason), count = self.failures[0], len(self.failures)
            which = f"{url} " if count == 1 else f"{count} pages, the first of them {url}, "
            yield f"{which}could not be read: {reason}"

    def _miss(self, step: Step, verdict: Verdict) -> None:
        """Dead links, and what robots.txt or the fence forbids, say nothing of the portal."""
        failed = verdict.outcome not in (Outcome.GONE, Outcome.FORBIDDEN)
        if failed or step.depth == 0:
            self.failures.append((step.url, verdict.reason))
        self._close(step, failed=failed)

    def _take(self, step: Step, url: str, body: bytes, content_type: str) -> Column | None:
        key = page_key(url)
        been_there = key != page_key(step.url) and key in self._known
        if key is None or been_there or not self._may_ask(url, step.entry):
            self._close(step)
            return None
        self._known.add(key)
        page = read_waypoint(body, url=url, reader=self._reader, content_type=content_type)
        if page.reason:
            self._miss(step, Verdict(Outcome.SUSPECT, page.reason))
            return None
        if step.depth == 0:
            self.answered.add(step.entry)
            self._site_names.add(page.name)
        column = self._column(step, url, page)
        fruitful = column is not None
        if step.depth < step.entry.depth:
            for link in page.links:
                fruitful |= self._enqueue(link.url, step.depth + 1, link.text, step.entry)
        self._close(step, fruitful=fruitful)
        return column

    def _column(self, step: Step, url: str, page: Waypoint) -> Column | None:
        listing = page.column
        if listing is None:
            return None
        name = self._name(step, page)
        column = Column(
            url=without_session(url),
            name=name,
            pages=listing.total_pages,
            rows=len(listing.rows),
            newest=max((row.date for row in listing.rows if row.date), default=None),
            entry=step.entry,
            place=step.place,
        )
        signs = list(_signs(column, listing))
        known = next((self._places[sign] for sign in signs if sign in self._places), None)
        if known is None:
            self._columns.append(column)
            self._places |= dict.fromkeys(signs, len(self._columns) - 1)
            return column
        if urlsplit(self._columns[known].url).query and not urlsplit(column.url).query:
            # That was the page which the CMS makes on request; this is the file it stands for.
            self._columns[known] = column
        return None

    def _name(self, step: Step, page: Waypoint) -> str:
        says_where = step.text.lower() not in NO_TITLES and step.text not in _NO_NAMES
        if page.name and page.name not in self._site_names and page.name not in _NO_NAMES:
            return page.name
        return step.text if step.text and says_where else page.name or page_key(step.url) or ""

    def _enqueue(self, url: str, depth: int, text: str, entry: Entry) -> bool:
        """Note a page to be asked for; whether its address is of a shape not met before."""
        key = page_key(url)
        if key is None or key in self._known or not self._may_ask(url, entry):
            return False
        self._known.add(key)
        shape = shape_of(key)
        is_new = shape not in self._shapes
        self._shapes.add(shape)
        step = Step(len(self._known), without_session(url), depth, text, entry)
        self._waiting.append((step, shape))
        return is_new

    def _may_ask(self, url: str, entry: Entry) -> bool:
        return entry.holds(url) and self._fence.allows(url)

    def _close(self, step: Step, *, failed: bool = False, fruitful: bool = False) -> None:
        self._under_way -= 1
        self._last.append(failed)
        self.walled = self.walled or sum(self._last) > _MOST_FAILED
        shape = shape_of(page_key(step.url) or "")
        self._fruitless[shape] = 0 if fruitful else self._fruitless[shape] + 1


def _signs(column: Column, listing: Listing) -> Iterator[tuple[object, ...]]:
    """By what two addresses are seen to be of one column.

    Lists of one name with the same rows are one; so are those of one name on one path with a
    query: another order, another year, another session.
    """
    parts = urlsplit(column.url)
    yield column.name, parts.netloc, frozenset(page_key(row.url) for row in listing.rows)
    if parts.query:
        yield column.name, parts.netloc, parts.path


def survey_request(
    step: Step, callback: Callable[..., object], errback: Callable[[Failure], object]
) -> Request:
    """The request for a step, which comes back to both under its name in `cb_kwargs`."""
    return Request(
        step.url, callback=callback, errback=errback, cb_kwargs={"step": step}, dont_filter=True
    )
