"""The filters of the changes as they stand in an address: for the page, the feeds and the API."""

from __future__ import annotations

from archive.comparison import Kind
from archive.errors import ConfigurationError
from archive.locations import NotALocationError, location_key
from archive.questions.chronicle import ChangeFilter
from archive.room.visit import Visitor
from archive.settings import WatchList
from archive.when import end_of, start_of

# More would have to be looked for one by one, and nobody types so much.
_MOST_WORDS = 8

NAMES = (
    "kind",
    "validity",
    "agency",
    "category",
    "column",
    "q",
    "portal",
    "watch",
    "run",
    "since",
    "until",
    "baseline",
)
"""The parameters."""


def change_filter(visitor: Visitor) -> ChangeFilter:
    """What the address asks for. Raises ConfigurationError for a value that means nothing."""
    zone = visitor.sources.zone
    since, until = visitor.given("since"), visitor.given("until")
    return ChangeFilter(
        kinds=tuple(dict.fromkeys(map(_kind, visitor.given_all("kind")))),
        validity=visitor.given("validity"),
        agency=visitor.given("agency"),
        category=visitor.given("category"),
        column=_address(visitor.given("column")),
        words=tuple((visitor.given("q") or "").split()[:_MOST_WORDS]),
        portal=visitor.given("portal"),
        watch=watch_list(visitor),
        run=number("run", visitor.given("run")),
        since_ms=None if since is None else start_of(since, zone),
        until_ms=None if until is None else end_of(until, zone),
        baseline=visitor.given("baseline") is not None,
    )


def watch_list(visitor: Visitor) -> WatchList | None:
    """The list of `watch` that the address names. Raises ConfigurationError if there is none."""
    name, lists = visitor.given("watch"), visitor.sources.watch
    if name is None:
        return None
    if name not in lists:
        known = ", ".join(lists) or "none; the configuration names them under watch"
        raise ConfigurationError(f"there is no list {name!r}; there is {known}")
    return lists[name]


def _kind(name: str) -> str:
    try:
        return Kind(name).value
    except ValueError:
        raise ConfigurationError(
            f"{name!r} is no kind of change; there are {', '.join(Kind)}"
        ) from None


def _address(url: str | None) -> str | None:
    if url is not None:
        try:
            location_key(url)
        except NotALocationError as error:
            raise ConfigurationError(str(error)) from None
    return url


def number(name: str, text: str | None) -> int | None:
    """A whole number of an address, such as a run's."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ConfigurationError(f"{name} should be a number, and is {text!r}")
    return int(text)
