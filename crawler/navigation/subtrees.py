"""The columns of one run: the configured ones, and those found below the pages under `under`.

Each such page is searched from in the first run and in every sweep. What was found is walked like a
configured column from then on, and rests on its own answers: that no menu leads to it any more
takes nothing away. One that answers no more as a list is left out by `discover` at once, and given
up when two sweeps in a row have found it so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import structlog
from scrapy.http import Response

from archive.capture import Outcome
from crawler.columns import verdict_on
from crawler.navigation.addresses import page_key
from crawler.navigation.survey import Column, Entry, Step, Survey
from crawler.order import Mode
from crawler.reading.navigation import read_waypoint
from crawler.session import Session

_log = structlog.get_logger(__name__)


class ColumnToWalk(NamedTuple):
    """A column's address, and whether it was found; a found one may have vanished."""

    url: str
    found: bool


class Subtrees:
    """Which columns a run walks, and the search for new ones."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keeper = session.keeper
        order = session.order
        self._in_sweep = order.mode is Mode.SWEEP
        self._configured = {page_key(url): url for url in order.columns}
        entries = [Entry(one.url, one.depth, bounded=True) for one in order.settings.under]
        self._entries = [] if order.in_columns else entries
        self._new_entries = [one for one in self._entries if not self._keeper.is_walked(one.url)]
        self._known = {
            page_key(column.url): column
            for column in (self._keeper.known_columns() if self._entries else ())
        }
        self._is_closed = False
        self._begun: set[str | None] = set()
        self._found: Counter[Entry] = Counter()
        self.survey = Survey(
            self._entries if self._in_sweep else self._new_entries,
            fence=session.fence,
            reader=session.reader,
            limit=order.settings.limits.navigation_pages,
        )

    def read(self, step: Step, response: Response) -> str | None:
        """Take in a page of the search; the address of the column whose first page it is.

        None if it is not the first page of a column, or if that is being walked already.
        """
        column = self.survey.read(step, response)
        key = page_key(column.url) if column is not None else None
        if column is None or key in self._begun:
            return None
        self._begun.add(key)
        return self._configured.get(key) or self._note_found(column, key)

    def left(self) -> Iterator[ColumnToWalk]:
        """The columns that the search has not come upon, once it is over."""
        for key, url in self._configured.items():
            if key not in self._begun:
                yield ColumnToWalk(url, found=False)
        for key, column in self._known.items():
            if column.under is None or column.vanished or key in (*self._begun, *self._configured):
                continue
            is_asked = self._in_sweep or not column.absent
            if is_asked and any(entry.holds(column.url) for entry in self._entries):
                yield ColumnToWalk(column.url, found=True)

    def stands(self, url: str, response: Response) -> bool:
        """Whether a found column is one still, by its first page; what follows if it is not."""
        column = self._known[page_key(url)]
        reason = self._why_none(response)
        if not reason:
            if column.absent:
                self._keeper.note_present(url)
            return True
        column = self._keeper.note_absent(url, in_sweep=self._in_sweep)
        what = f"the column {column.name} {url}, which was found,"
        if column.vanished:
            self._session.note_problem(
                f"{what} has vanished ({reason}); it is not asked for any more"
            )
        else:
            self._session.note_problem(
                f"{what} is no list now ({reason}); it is left out until a sweep has looked again"
            )
        _log.warning("column_absent", url=url, reason=reason, vanished=column.vanished)
        return False

    def close(self) -> bool:
        """Enter what the search covered, and where it fell short; True once, when it is over."""
        if self._is_closed or not self.survey.is_done:
            return False
        self._is_closed = True
        for entry in self.survey.answered:
            self._keeper.note_walked(entry.url)
            if entry in self._new_entries:
                self._session.note_problem(
                    f"{self._found[entry]} columns were found below {entry.url}"
                )
        for sentence in self.survey.shortfalls():
            self._session.note_problem(f"in search of columns: {sentence}")
            self._session.has_shortfalls = True
        return True

    def _note_found(self, column: Column, key: str | None) -> str:
        known = self._known.get(key)
        url = known.url if known is not None else column.url
        self._keeper.note_found(url, column.name, column.entry.url)
        if known is not None and not known.vanished:
            return url
        self._found[column.entry] += 1
        _log.info("column_found", url=url, name=column.name, under=column.entry.url)
        if column.entry not in self._new_entries:
            self._session.note_problem(
                f"a column was found below {column.entry.url}: {column.name} {url}"
            )
        return url

    def _why_none(self, response: Response) -> str:
        """Why what answered is no list at all; `""` for a list, or where that cannot be told.

        A failure, or a notice in the list's place, is for the walk of the list to tell.
        """
        verdict = verdict_on(response)
        if verdict is not None:
            return verdict.reason if verdict.outcome is Outcome.GONE else ""
        page = read_waypoint(
            response.body,
            url=response.url,
            reader=self._session.reader,
            content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
        )
        return "" if page.is_list or page.reason else "another page stands there"
