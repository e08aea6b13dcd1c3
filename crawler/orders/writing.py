"""Writing an order: which of the archive's knowledge a crawl of its kind needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from archive.agenda import Target
from archive.archive import Archive
from archive.export.target import TargetExistsError
from archive.files import KnownFile
from archive.foreknowledge import ColumnNote, Foreknowledge, PlaceNote
from crawler.order import Mode, Order
from crawler.orders.file import Line, OrderFile, write_lines


def write_order(order: Order, archive: Archive, path: Path) -> OrderFile:
    """Write `order` to `path`, with all that carrying it out needs of `archive`.

    The archive must have no run under way in this process. What others record in it from now on,
    the crawl will not know of: there is to be one open order a portal. Raises TargetExistsError,
    TargetUnusableError, BusyError, ArchiveUnusableError, ConfigurationError.
    """
    if path.exists():
        raise TargetExistsError(path, "name another file for the order")
    with archive.consulted(order.portal) as known:
        head = OrderFile(
            id=uuid4().hex,
            order=order,
            after_run=known.last_run,
            reader=known.reader.name,
            reader_settings=known.reader.settings,
        )
        write_lines(path, head, _lines(order, known))
    return head


def _lines(order: Order, known: Foreknowledge) -> Iterator[Line]:
    for note in known.columns():
        yield _column(note)
    for key in known.walked():
        yield ["walked", key]
    if order.only is not None:
        yield from _what_is_at(known, order.only)
        return
    elsewhere = not order.in_columns
    if elsewhere and order.mode is not Mode.RECHECK:
        for url in known.agenda.frontier():
            yield ["frontier", url]
    if order.mode is Mode.RECHECK and order.limit is not None:
        due = known.agenda.due_locations(
            order.limit, ceiling_days=order.settings.recheck.ceiling_days
        )
        yield from map(_target, due)
        yield from _what_is_at(known, (one.url for one in due))
        return
    if elsewhere and order.mode is not Mode.DISCOVER:
        is_recheck = order.mode is Mode.RECHECK
        yield from map(_target, known.agenda.known_locations(conditional=is_recheck))
    # What is new is fetched by a discovery, and of that nothing is known.
    in_full = order.mode is not Mode.DISCOVER
    for place in known.places(in_full=in_full):
        yield _place(place)
    if in_full:
        for key, file in known.files():
            yield _file(key, file)


def _what_is_at(known: Foreknowledge, urls: Iterable[str]) -> Iterator[Line]:
    """The locations at these addresses, and the attachments that they link to."""
    for url in urls:
        place = known.place(url)
        if place is None:
            continue
        yield _place(place)
        for link in place.shown.attachments if place.shown else ():
            file = known.file(link.url)
            if file is not None:
                yield _file(*file)


def _target(target: Target) -> Line:
    return ["target", *target]


def _column(note: ColumnNote) -> Line:
    return ["column", *note.column[:4], note.sweeps_missed, note.is_complete]


def _place(note: PlaceNote) -> Line:
    line: Line = ["place", *note[:-1]]
    if note.shown is not None:
        digest, seen_ms, is_judged, links, *version = note.shown
        line += [
            digest.hex() if digest else None,
            seen_ms,
            is_judged,
            [[one.name, one.url] for one in links],
            *version,
        ]
    return line


def _file(key: str, file: KnownFile) -> Line:
    return ["file", key, file.sha256.hex(), *file[1:5]]
