"""Feeds of changes as files, written anew after every run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archive.across.opening import open_archives
from archive.errors import YangeError
from archive.feeds import Feed, atom_feed, json_feed
from archive.questions.news import News
from archive.telling.pages import RoomPages
from archive.telling.wording import WORDINGS, Row
from scheduler.settings import Settings
from scheduler.telling.settings import FeedSettings

_FORMS = {"atom": atom_feed, "json": json_feed}


def write_feeds(settings: Settings) -> list[Path]:
    """Write the configured feeds; the files. Without feeds in the configuration there are none.

    `feed.atom` and `feed.json` hold the changes of all portals; where there are several, each has
    a `feed-KEY` of its own as well. A file is replaced as a whole. Raises YangeError.
    """
    chosen = settings.feeds
    if chosen is None:
        return []
    portals: list[str | None] = [None]
    if len(settings.portals) > 1:
        portals += settings.portals
    written = []
    with open_archives(settings.archive, list(settings.portals), settings.zone) as catalogue:
        for portal in portals:
            news = catalogue.newest(chosen.entries, portal=portal, baseline=chosen.baseline)
            written += _write(chosen, settings, portal, list(news))
    return written


def _write(
    chosen: FeedSettings, settings: Settings, portal: str | None, news: list[News]
) -> list[Path]:
    rows = [one.row for one in news]
    stem = "feed" if portal is None else f"feed-{portal}"
    written = []
    for ending, form in _FORMS.items():
        path = chosen.folder / f"{stem}.{ending}"
        _replace(path, form(_feed(chosen, settings, portal, path.name, news), rows))
        written.append(path)
    return written


def _feed(
    chosen: FeedSettings, settings: Settings, portal: str | None, name: str, news: list[News]
) -> Feed:
    names = {key: one.name for key, one in settings.portals.items()}
    # Of several portals, the program keeps them together.
    titled = next(iter(names.values())) if len(names) == 1 else "yange"
    room = RoomPages(settings.room.url) if settings.room.url else None
    return Feed(
        title=WORDINGS[chosen.language].feed_title.format(
            name=titled if portal is None else names[portal]
        ),
        name="changes" if portal is None else f"changes/{portal}",
        language=chosen.language,
        url=f"{chosen.base_url}/{name}" if chosen.base_url else None,
        home=room.changes() if room else None,
        page=_pages(room, news),
        portals=names,
    )


def _pages(room: RoomPages | None, news: list[News]) -> Callable[[Row], str | None]:
    """The reading room's page about each change."""
    documents = {one.row["seq"]: one.document for one in news}
    if room is None:
        return lambda _row: None
    return lambda row: room.change(row, documents[row["seq"]])


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(content)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise YangeError(f"the feed {path} cannot be written: {error.strerror}") from error
