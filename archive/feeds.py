"""Feeds of changes: rows of the ledger in, the bytes of an Atom or a JSON feed out. Pure.

An entry's id follows from the portal, the day and the entry's place in the ledger, none of which
ever changes: however a feed is filtered, and wherever it is served, who reads it knows what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from archive.telling.change import difference, facts, headline, links
from archive.telling.prose import render
from archive.telling.wording import WORDINGS, Language, Row

ATOM_TYPE = "application/atom+xml"
JSON_TYPE = "application/feed+json"

# RFC 4151. The day is a part of the name for its own sake: an archive that was begun anew counts
# its entries from one again.
_TAG = "tag:yange,{day}:{what}"
_BIRTH = "2026-01-01"
_VERSION = "https://jsonfeed.org/version/1.1"
_GENERATOR = "yange 沿革"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed says of itself.

    `name` tells one feed of an archive from its others: `changes`, or `changes/wuhai`, or the
    filter that it was made by. `url` is where it is served and `home` a page for people that shows
    the same, where there are any. `page` gives the address of the reading room's page about a
    change, or None; `portals` the portals' names by their keys.
    """

    title: str
    name: str = "changes"
    language: Language = "zh"
    url: str | None = None
    home: str | None = None
    page: Callable[[Row], str | None] = lambda _row: None
    portals: dict[str, str] | None = None

    @property
    def identity(self) -> str:
        """The feed's own id, whatever it holds and wherever it is served."""
        return _TAG.format(day=_BIRTH, what=self.name)


@dataclass(frozen=True, slots=True)
class _Item:
    """What both kinds of feed say of one change."""

    identity: str
    title: str
    at: datetime
    html: str
    text: str
    page: str | None
    portal_page: str
    tags: tuple[str, ...]


def entry_id(row: Row) -> str:
    """The id of a change, the same in every feed and for ever."""
    day = datetime.fromisoformat(row["at"]).astimezone(UTC).date()
    return _TAG.format(day=day.isoformat(), what=f"{row['portal']}/{row['seq']}")


def atom_feed(feed: Feed, rows: Iterable[Row]) -> bytes:
    """An Atom feed (RFC 4287) of these rows of `changes`, the newest first.

    Its `updated` is that of its newest entry, so that the same changes are the same bytes.
    """
    # Here, since the reading room imports this module and only feeds need it.
    from feedgen.entry import FeedEntry
    from feedgen.feed import FeedGenerator

    items = _items(feed, rows)
    made = FeedGenerator()
    made.id(feed.identity)
    made.title(feed.title)
    made.author(name=_GENERATOR)
    made.generator(_GENERATOR)
    made.language(WORDINGS[feed.language].tag)
    made.updated(_updated(items))
    if feed.home is not None:
        made.link(href=feed.home, rel="alternate", type="text/html")
    if feed.url is not None:
        made.link(href=feed.url, rel="self", type=ATOM_TYPE)
    for item in items:
        entry = FeedEntry()
        entry.id(item.identity)
        entry.title(item.title)
        entry.updated(item.at)
        entry.published(item.at)
        # One link alone: the library writes all of an entry's links as alternates, of which there
        # may not be two. The others stand in the content.
        entry.link(href=item.page or item.portal_page)
        entry.category([{"term": tag} for tag in item.tags])
        entry.content(item.html, type="html")
        made.add_entry(entry, order="append")
    found: bytes = made.atom_str(pretty=True)
    return found


def json_feed(feed: Feed, rows: Iterable[Row]) -> bytes:
    """A JSON Feed 1.1 of these rows of `changes`, the newest first."""
    told: dict[str, object] = {
        "version": _VERSION,
        "title": feed.title,
        "language": WORDINGS[feed.language].tag,
        "authors": [{"name": _GENERATOR}],
    }
    if feed.home is not None:
        told["home_page_url"] = feed.home
    if feed.url is not None:
        told["feed_url"] = feed.url
    told["items"] = [_as_json(item) for item in _items(feed, rows)]
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _as_json(item: _Item) -> dict[str, object]:
    told: dict[str, object] = {
        "id": item.identity,
        "url": item.page or item.portal_page,
        "title": item.title,
        "content_html": item.html,
        "content_text": item.text,
        "date_published": item.at.isoformat(),
        "date_modified": item.at.isoformat(),
        "tags": list(item.tags),
    }
    if item.page is not None:
        told["external_url"] = item.portal_page
    return told


def _items(feed: Feed, rows: Iterable[Row]) -> list[_Item]:
    newest_first = sorted(rows, key=_place, reverse=True)
    return [_item(feed, row) for row in newest_first]


def _place(row: Row) -> tuple[datetime, int]:
    """What the newest comes last by: ledgers of several archives count for themselves."""
    return datetime.fromisoformat(row["at"]), int(row["seq"])


def _item(feed: Feed, row: Row) -> _Item:
    wording = WORDINGS[feed.language]
    page = feed.page(row)
    portal = (feed.portals or {}).get(row["portal"])
    lines = [
        *difference(row, wording),
        facts(row, wording, portal),
        *links(row, wording, page),
    ]
    return _Item(
        entry_id(row),
        headline(row, wording),
        datetime.fromisoformat(row["at"]),
        render(lines, "html"),
        render(lines, "text"),
        page,
        row["url"],
        tuple(_tags(row)),
    )


def _tags(row: Row) -> Iterator[str]:
    """What a reader can sort by; a field, but not the name of a file."""
    yield row["kind"]
    if row["field"] and row["kind"] in ("validity", "metadata"):
        yield row["field"]
    yield row["portal"]
    if row["baseline"]:
        yield "baseline"


def _updated(items: list[_Item]) -> datetime:
    return items[0].at if items else datetime.fromisoformat(f"{_BIRTH}T00:00:00+00:00")
