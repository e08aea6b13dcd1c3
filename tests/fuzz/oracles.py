"""What has to hold of the reader for any bytes whatsoever, and of any page with noise in it."""

from __future__ import annotations

import datetime as dt
import random
import time
import traceback
import unicodedata
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from archive.fields import FIELD_NAMES, Fields, Validity
from archive.numbers import normalise_index_number
from archive.reading import Nature, Reading
from archive.readings import pack, unpack
from crawler.reading import Listing, PageReader, read_list
from crawler.reading.navigation import Waypoint, read_waypoint
from crawler.reading.validity import validity_of
from crawler.reading.whitespace import tidy

from .noise import SHARE, quieted, with_noise

URL = "http://www.example.gov.cn/qs/c1/1003/index.html"
READER = PageReader()
_CONTENT_TYPES = ("", "text/html; charset=gbk", "text/html; charset=big5", 'x; charset="')

# What costs several readings is tried with one page in so many; its bytes decide with which.
_ONE_IN = 4
# Of less text than that the links beside it decide whether it is a document.
_ENOUGH_TEXT = 100
# Reading four times as much may take so many times as long. A quadratic step takes sixteen times.
_TIMES_AS_MUCH = 4
_TIMES_AS_LONG = 9
_WORTH_TIMING = 0.1


_Result = TypeVar("_Result")


class Broken(Exception):  # noqa: N818
    """A promise that was not kept: `what` names it, `page` is the page that shows it again."""

    def __init__(self, what: str, page: bytes) -> None:
        super().__init__(what)
        self.what = what
        self.page = page


def examine(page: bytes, *, quickly: bool = False, timed: bool = False) -> Reading:
    """Hold everything against one page, and its reading. Raises Broken.

    `quickly` tries what costs several readings with some of the pages only. `timed` looks for
    readings that take disproportionately long, and for nothing that noise might change.
    """
    chance = random.Random(zlib.crc32(page))

    def chosen() -> bool:
        return not quickly or chance.randrange(_ONE_IN) == 0

    begun = time.process_time()
    reading = _read(page)
    listing = _attempt(lambda: read_list(page, url=URL), page)
    took = time.process_time() - begun
    _require(page, flaws_of_reading(reading))
    _require(page, _flaws_of_listing(listing))
    if unpack(pack(reading)) != reading:
        raise Broken("packing loses something", page)
    if chosen():
        waypoint = _attempt(lambda: read_waypoint(page, url=URL, reader=READER), page)
        _require(page, _flaws_of_waypoint(waypoint))
    if chosen():
        for content_type in _CONTENT_TYPES:
            _attempt(lambda said=content_type: READER.decode(page, said).encode(), page)
    if chosen() and (reading != _read(page) or listing != read_list(page, url=URL)):
        raise Broken("a second reading differs", page)
    if timed:
        if took > _WORTH_TIMING:
            _check_time(page)
    elif chosen():
        check_noise(page)
    return reading


def check_noise(page: bytes) -> None:
    """That what is not the document changes nothing of it (R6). Raises Broken.

    The page decides by its bytes which noise is put where.
    """
    plain = quieted(page)
    if plain is None:
        return
    kind, noisy = with_noise(plain, random.Random(zlib.crc32(plain)))
    if noisy is None:
        return
    before, after = _read(plain), _read(noisy)
    if before.nature is not Nature.DOCUMENT or len(before.text) < _ENOUGH_TEXT:
        return
    # On a page whose tags are broken a heading or a value can be all that follows, noise included.
    if any(SHARE in said != SHARE for said in (after.fields.title, *dict(after.metadata).values())):
        return
    for name in ("nature", "text", "fields", "attachments", "metadata", "problems"):
        if getattr(before, name) != getattr(after, name):
            raise Broken(f"{kind} changes the {name}", plain)


def _check_time(page: bytes) -> None:
    """That time grows with the size of a page, not with its square."""
    larger = page * _TIMES_AS_MUCH
    for _ in range(3):
        small, large = _cost(page), _cost(larger)
        if large <= _TIMES_AS_LONG * small:
            return
    raise Broken("time grows faster than the page", page)


def _cost(page: bytes) -> float:
    begun = time.process_time()
    _read(page)
    read_list(page, url=URL)
    return time.process_time() - begun


def _read(page: bytes) -> Reading:
    return _attempt(lambda: READER.read(page, url=URL), page)


def _attempt(action: Callable[[], _Result], page: bytes) -> _Result:
    try:
        return action()
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        raise Broken(f"{type(error).__name__} at {place}", page) from error


def _require(page: bytes, flaws: Iterable[str]) -> None:
    for flaw in flaws:
        raise Broken(flaw, page)


def flaws_of_reading(reading: Reading) -> Iterable[str]:
    """What a reading says that no reading may say."""
    yield from _flaws_of_fields(reading.fields)
    if (reading.reason == "") != (reading.nature is Nature.DOCUMENT):
        yield "nature and reason disagree"
    if reading.nature is Nature.DOCUMENT and not (
        reading.text or reading.attachments or reading.fields.index_number
    ):
        yield "a document without text, file or number"
    lines = reading.text.split("\n") if reading.text else []
    for line in lines:
        if not line:
            yield "a blank line in the text"
        for cell in line.split("\t"):
            if cell != tidy(cell):
                yield "untidy text"
    yield from _flaws_of_text(reading.text.replace("\n", "").replace("\t", ""), "the text")
    urls = [file.url for file in reading.attachments]
    if len(set(urls)) < len(urls):
        yield "the same attachment twice"
    for file in reading.attachments:
        yield from _flaws_of_url(file.url, "an attachment")
        yield from _flaws_of_line(file.name, "an attachment's name")
    for word, value in reading.metadata:
        yield from _flaws_of_line(word, "a label")
        yield from _flaws_of_text(value, "a value")
    for problem in reading.problems:
        yield from _flaws_of_line(problem, "a problem")
    if reading.has_metadata and not reading.metadata:
        yield "metadata without labels"


def _flaws_of_fields(fields: Fields) -> Iterable[str]:
    for name in FIELD_NAMES:
        value = getattr(fields, name)
        if value is not None and value != "":
            yield from _flaws_of_line(value, name)
        if value == "" and name != "title":
            yield f"{name} is empty, not null"
    if fields.index_number != normalise_index_number(fields.index_number or ""):
        yield "index_number is not normalised"
    for date in (fields.written_on, fields.repealed_on):
        if date is not None and dt.date.fromisoformat(date).isoformat() != date:
            yield "a date is not ISO"
    moment = fields.published_at
    if moment is not None and dt.datetime.fromisoformat(moment).tzinfo is None:
        yield "published_at has no offset"
    if not isinstance(fields.validity, Validity) or fields.validity is not validity_of(
        fields.validity_label
    ):
        yield "validity is not what its label says"


def _flaws_of_listing(listing: Listing) -> Iterable[str]:
    """What a list says that no list may say."""
    if listing.is_list == bool(listing.reason):
        yield "is_list and reason disagree"
    if not listing.is_list and (listing.rows or listing.next_page):
        yield "no list, yet rows or a next page"
    for row in listing.rows:
        yield from _flaws_of_url(row.url, "a row")
        yield from _flaws_of_line(row.title, "a row's title")
        if row.date is not None:
            dt.date.fromisoformat(row.date)
    if len({row.url for row in listing.rows}) < len(listing.rows):
        yield "the same row twice"
    if listing.next_page is not None:
        yield from _flaws_of_url(listing.next_page, "a next page")
    for number in (listing.page, listing.total_pages):
        if number is not None and number < 1:
            yield "a page before the first"


def _flaws_of_waypoint(waypoint: Waypoint) -> Iterable[str]:
    if waypoint.name:
        yield from _flaws_of_line(waypoint.name, "a waypoint's name")
    if waypoint.column is not None and not waypoint.is_list:
        yield "a column that is no list"
    for link in waypoint.links:
        yield from _flaws_of_url(link.url, "a link")
        yield from _flaws_of_text(link.text, "a link's text")


def _flaws_of_url(url: str, what: str) -> Iterable[str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "#" in url:
        yield f"{what} has no sound address"
    yield from _flaws_of_text(url, f"the address of {what}")


def _flaws_of_line(text: str, what: str) -> Iterable[str]:
    if not text:
        yield f"{what} is empty"
    if text != tidy(text):
        yield f"{what} is untidy"
    yield from _flaws_of_text(text, what)


def _flaws_of_text(text: str, what: str) -> Iterable[str]:
    for character in set(text):
        if unicodedata.category(character) in ("Cc", "Cs"):
            yield f"{what} holds U+{ord(character):04X}"
