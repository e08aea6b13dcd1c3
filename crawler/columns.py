"""Walking one column's list, page by page, until there is nothing more to see."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urldefrag

from scrapy.http import Response

from archive.capture import ColumnVisit, ListedRow
from archive.locations import NotALocationError, location_key, location_url
from crawler.navigation.addresses import page_key
from crawler.order import Mode
from crawler.reading.listing import Listing, read_list
from crawler.session import Session
from crawler.verdict import Verdict, of_redirect, of_status


class ListPage(NamedTuple):
    """What follows from one page of a list.

    `rows` are the addresses to ask for, `next_url` the page to read next. `ended` tells that the
    list was walked to its end.
    """

    rows: tuple[str, ...] = ()
    next_url: str | None = None
    ended: bool = False


class ColumnWalk:
    """One column in one run."""

    def __init__(self, column: str, session: Session) -> None:
        self.column = column
        self._session = session
        self._keeper = session.keeper
        self._was_complete = self._keeper.column_is_complete(column)
        self._seen: set[str] = set()
        # By their whole address: on some portals the pages of a list differ in the query alone,
        # on a path that as a document's location would have none.
        self._pages_seen = {_page_key(column)}
        self._pages = 0
        self._first_page_rows = 0
        self._new_rows = 0
        self.failed = ""

    def read(self, response: Response) -> ListPage:
        """Take in one page of the list, as the answer to the request for it."""
        self._pages += 1
        if response.status in (404, 410) and self._pages > 1:
            # One page past the last answers so on many portals.
            return ListPage(ended=True)
        listing = self._listing(response)
        if listing is None:
            return ListPage()
        rows = self._new_in_this_run(listing, response.url)
        if self._pages == 1:
            self._first_page_rows = len(rows)
        if not rows:
            return ListPage(ended=True)
        unknown = self._keeper.note_rows(self.column, rows)
        self._new_rows += len(unknown)
        wanted = rows if self._session.order.mode is Mode.SWEEP else unknown
        urls = tuple(row.url for row in wanted)
        if not unknown and self._was_complete and self._session.order.mode is Mode.DISCOVER:
            return ListPage(urls)
        if self.failed:
            return ListPage(urls)
        next_url = self._next(listing, response.url)
        return ListPage(urls, next_url, ended=next_url is None and not self.failed)

    def visit(self, *, ended: bool) -> ColumnVisit:
        """How the column was visited, once it has been."""
        return ColumnVisit(
            column=self.column,
            pages=self._pages,
            rows=len(self._seen),
            first_page_rows=self._first_page_rows,
            new_rows=self._new_rows,
            reached_end=ended and not self.failed,
            failed=self.failed,
        )

    def _listing(self, response: Response) -> Listing | None:
        verdict = verdict_on(response)
        if verdict is not None:
            self.failed = f"{response.url}: {verdict.reason}"
            return None
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        listing = read_list(
            response.body,
            url=response.url,
            content_type=content_type,
            notices=self._session.order.settings.notices,
        )
        if not listing.is_list:
            self.failed = f"{response.url}: {listing.reason}"
            return None
        return listing

    def _new_in_this_run(self, listing: Listing, here: str) -> list[ListedRow]:
        """The rows inside the fence that this run has not seen in this column (R14).

        A page with more of them than a page may have ends the walk: it is a trap, or the limit is
        not the portal's.
        """
        rows: list[ListedRow] = []
        most = self._session.order.settings.limits.list_rows
        own_pages = {location_key(self.column), location_key(here)}
        for row in listing.rows:
            try:
                key = location_key(row.url)
            except NotALocationError:
                continue
            if key in self._seen or key in own_pages:
                continue
            if not self._session.fence.allows(row.url):
                continue
            if len(rows) == most:
                self.failed = f"{here} shows more than {most} rows (limits.list_rows)"
                break
            self._seen.add(key)
            rows.append(ListedRow(location_url(row.url), row.title))
        return rows

    def _next(self, listing: Listing, here: str) -> str | None:
        url = listing.next_page
        is_first_of_several = self._pages == 1 and (listing.total_pages or 1) > 1
        if url is None and (listing.leads_on or is_first_of_several):
            self.failed = f"the pager of {here} does not say where the next page is"
            return None
        if url is None or _page_key(url) in self._pages_seen:
            return None
        refusal = self._session.refusal(url)
        if refusal is not None:
            self.failed = f"the pager of {here} leads outside: {refusal}"
            return None
        if self._pages >= self._session.order.settings.limits.list_pages:
            self.failed = f"it has more than {self._pages} pages (limits.list_pages)"
            return None
        self._pages_seen.add(_page_key(url))
        return url


def verdict_on(response: Response) -> Verdict | None:
    """What an answer amounts to in place of a list, by its status and by where it redirected to."""
    asked = response.meta.get("redirect_urls", [response.url])[0]
    if page_key(asked) != page_key(response.url):
        redirected = of_redirect(response.url, asked, None)
        if redirected is not None:
            return redirected
    return of_status(response.status, response.body)


def _page_key(url: str) -> str:
    return urldefrag(url).url
