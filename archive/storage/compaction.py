"""Packing an archive tighter, without loss and without touching what is recorded.

A crawl stores pages in passing. Afterwards there is time: for a dictionary made of what the pages
of each host say, and for zstd's highest levels. A body stays what it is; only its encoding is
exchanged, in the transaction in which the new one has been read back and hashed. So this can end at
any moment, be repeated, and go on beside a crawl.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from archive.bodies import (
    ZSTD,
    DamagedBodyError,
    Encoding,
    Link,
    add_encoding,
    alone,
    chain,
    read_body,
)
from archive.database import transaction
from archive.locations import host_of
from archive.storage import dictionaries
from archive.storage.compression import Prefix, compress
from archive.storage.dictionaries import DamagedDictionaryError, Dictionary
from archive.storage.packing import (
    FINAL_BYTES,
    GOOD,
    LEAST_PAGE,
    MOST_PAGE,
    MOST_TEMPLATES,
    base_of,
    has_room,
)

# The tightest that there is; against a page, nothing is gained beyond 9 (see `packing`).
_LEVEL, _LEVEL_AGAINST_PAGE = 19, 9
# A body of megabytes takes seconds at level 19, and is little the smaller for it.
_MOST_TIGHT, _LEVEL_OF_LONG = 8 * 1024 * 1024, 9
# A new dictionary is weighed where so many first versions wait, and taken where it saves so much.
_LEAST_PAGES, _LEAST_SAVING = 16, 0.1
# A page whose text stands in the dictionary is left with so much.
_IN_DICTIONARY = 60
_TRIED, _TRIAL_LEVEL, _MOST_SAMPLES = 32, 6, 2000
# So many bodies, or bytes of them, are exchanged in one transaction: a few hundredths of a second.
_BATCH, _BATCH_BYTES = 32, 4 * 1024 * 1024
_VACUUM_PAGES = 500

Progress = Callable[[str, int, int], None]


class Compacted(NamedTuple):
    """What came of it: bodies packed anew, and bytes of encodings and dictionaries.

    `file_before`, `file_after` and `free` are bytes of the archive's file; `free` ones are in it
    and unused. `damaged` are sentences on bodies that were left alone.
    """

    bodies: int
    dictionaries: int
    bytes_before: int
    bytes_after: int
    file_before: int
    file_after: int
    free: int
    damaged: tuple[str, ...]


class _Waiting(NamedTuple):
    """A body to be packed; `bytes` is what its encoding takes up, `former` what stood before it."""

    encoding_id: int
    body_id: int
    bytes: int
    former: int | None


class _Exchange(NamedTuple):
    waiting: _Waiting
    body: bytes
    encoding: Encoding


class Compaction:
    """One pass over an archive, through a connection for writing; one at a time."""

    def __init__(self, connection: sqlite3.Connection, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self._damaged: list[str] = []
        self._done = self._total = self._made = 0

    def run(self) -> Compacted:
        """Pack every body that was not packed before, and give back the space."""
        stored, file = self._stored(), self._file_bytes()
        groups = self._groups()
        self._total = sum(map(len, groups.values()))
        for (portal, host), waiting in groups.items():
            self._make_dictionary(portal, host, waiting)
            for batch in self._batches(portal, host, waiting):
                self._exchange(batch)
        self._vacuum()
        return Compacted(
            self._done,
            self._made,
            stored,
            self._stored(),
            file,
            self._file_bytes(),
            self._pragma("freelist_count") * self._pragma("page_size"),
            tuple(self._damaged),
        )

    # --- what there is to do ------------------------------------------------------------------

    def _groups(self) -> dict[tuple[str | None, str | None], list[_Waiting]]:
        """The bodies to be packed, oldest first, by portal and host; None where neither is known.

        An attachment, and a page kept as evidence, has no reading that says where it is from.
        """
        groups: dict[tuple[str | None, str | None], list[_Waiting]] = {}
        formers = self._formers()
        for encoding_id, body_id, size, base_id, portal, key in self._connection.execute(
            """SELECT encodings.id, encodings.body_id, length(encodings.data), encodings.base_id,
                      portal, key
               FROM encodings LEFT JOIN locations ON locations.id =
                   (SELECT location_id FROM readings
                    WHERE readings.body_id = encodings.body_id LIMIT 1)
               WHERE is_final = 0 ORDER BY encodings.body_id"""
        ):
            group = groups.setdefault((portal, host_of(key) if key else None), [])
            former = base_id or formers.get(body_id)
            group.append(_Waiting(encoding_id, body_id, size, former))
        return groups

    def _formers(self) -> dict[int, int]:
        """What stood before a body at its location, of bodies stored without regard to that.

        One that others rest on already is left out: their chains must not become longer.
        """
        waiting = {
            body_id
            for (body_id,) in self._connection.execute(
                "SELECT body_id FROM encodings WHERE is_final = 0 AND base_id IS NULL"
            )
        }
        if not waiting:
            return {}
        formers: dict[int, int] = {}
        last_location, last_body = 0, 0
        for location_id, body_id in self._connection.execute(
            "SELECT location_id, body_id FROM states ORDER BY location_id, id"
        ):
            if location_id == last_location and last_body < body_id and body_id in waiting:
                formers.setdefault(body_id, last_body)
            last_location, last_body = location_id, body_id
        if formers:
            for (base_id,) in self._connection.execute(
                "SELECT base_id FROM encodings WHERE base_id IS NOT NULL"
            ):
                formers.pop(base_id, None)
        return formers

    # --- dictionaries -------------------------------------------------------------------------

    def _make_dictionary(
        self, portal: str | None, host: str | None, waiting: Sequence[_Waiting]
    ) -> None:
        """Make a dictionary of a host's first versions, if it is worth the space it takes."""
        firsts = [one for one in waiting if one.former is None]
        if host is None or len(firsts) < _LEAST_PAGES:
            return
        self._progress(f"dictionary of {host}", self._done, self._total)
        spread = _spread(firsts)
        content, used = dictionaries.build(self._pages(islice(spread, _MOST_SAMPLES)))
        prefix = Prefix(content)
        rest = spread[used : used + _TRIED]
        left = [len(compress(page, _TRIAL_LEVEL, prefix)) for page in self._pages(iter(rest))]
        average = sum(left) / len(left) if left else 0
        estimate = (
            len(compress(content, _LEVEL)) + used * _IN_DICTIONARY + (len(firsts) - used) * average
        )
        if estimate > (1 - _LEAST_SAVING) * sum(one.bytes for one in firsts):
            return
        with transaction(self._connection):
            dictionaries.add(
                self._connection, content, portal=portal, host=host, pages=used, level=_LEVEL
            )
        self._made += 1

    def _pages(self, several: Iterator[_Waiting]) -> Iterator[bytes]:
        for one in several:
            try:
                yield read_body(self._connection, one.body_id)
            except DamagedBodyError:
                continue

    # --- bodies -------------------------------------------------------------------------------

    def _batches(
        self, portal: str | None, host: str | None, waiting: Sequence[_Waiting]
    ) -> Iterator[list[_Exchange]]:
        known = dictionaries.of_host(self._connection, portal, host, MOST_TEMPLATES) if host else []
        batch: list[_Exchange] = []
        for one in waiting:
            try:
                link = chain(self._connection, one.body_id)[0]
                body = read_body(self._connection, one.body_id)
            except DamagedBodyError as error:
                self._damaged.append(str(error))
                continue
            best = self._best(one, link, body, known)
            if host and _shows_another_template(body, best) and has_room(known):
                with transaction(self._connection):
                    made = dictionaries.add(
                        self._connection, body, portal=portal, host=host, pages=1, level=_LEVEL
                    )
                known = [made, *known][:MOST_TEMPLATES]
                self._made += 1
                best = self._best(one, link, body, known)
            batch.append(_Exchange(one, body, best._replace(is_final=True)))
            if len(batch) >= _BATCH or sum(len(done.body) for done in batch) >= _BATCH_BYTES:
                yield batch
                batch = []
        if batch:
            yield batch

    def _best(
        self, one: _Waiting, link: Link, body: bytes, known: Sequence[Dictionary]
    ) -> Encoding:
        """The smallest encoding of a body, the one that it has included."""
        best = Encoding(link.codec, link.data, link.dictionary_id, link.base_id)
        base = self._base(one, link)
        packings = self._by_itself(link, body) if base is None else self._against(body, *base)
        for packed in packings:
            best = min(best, packed, key=lambda encoding: len(encoding.data))
        if base is not None and len(best.data) <= FINAL_BYTES:
            return best
        base_id, page = base or (None, b"")
        for dictionary in known:
            prefix = self._prefix(dictionary.id)
            if prefix is None:
                continue
            packed = Encoding(
                ZSTD,
                compress(body, _LEVEL_AGAINST_PAGE, prefix.content + page)
                if base
                else compress(body, _level(body), prefix),
                dictionary.id,
                base_id,
            )
            best = min(best, packed, key=lambda encoding: len(encoding.data))
            if len(packed.data) <= len(body) * GOOD:
                break
        return best

    def _by_itself(self, link: Link, body: bytes) -> Iterator[Encoding]:
        own = self._prefix(link.dictionary_id) if link.dictionary_id else None
        if own is None:
            yield alone(body, compress(body, _level(body)))
        else:
            yield Encoding(ZSTD, compress(body, _level(body), own), link.dictionary_id)

    @staticmethod
    def _against(body: bytes, base_id: int, page: bytes) -> Iterator[Encoding]:
        yield Encoding(ZSTD, compress(body, _LEVEL_AGAINST_PAGE, page), base_id=base_id)

    def _base(self, one: _Waiting, link: Link) -> tuple[int, bytes] | None:
        if link.base_id is not None:
            return link.base_id, read_body(self._connection, link.base_id)
        return None if one.former is None else base_of(self._connection, one.former)

    def _prefix(self, dictionary_id: int) -> Prefix | None:
        try:
            return dictionaries.read_ready(self._connection, dictionary_id)
        except DamagedDictionaryError:
            return None

    def _exchange(self, batch: Sequence[_Exchange]) -> None:
        """Put new encodings in the place of old ones, each read back before the old one goes."""
        with transaction(self._connection):
            for waiting, body, encoding in batch:
                add_encoding(self._connection, waiting.body_id, encoding)
                if read_body(self._connection, waiting.body_id) != body:
                    why = "it was not read back as it was written"
                    raise DamagedBodyError(waiting.body_id, why)
                self._connection.execute(
                    "DELETE FROM encodings WHERE id = ?", (waiting.encoding_id,)
                )
        self._done += len(batch)
        self._progress("bodies", self._done, self._total)

    # --- space --------------------------------------------------------------------------------

    def _vacuum(self) -> None:
        """Give free pages back to the file system, where the file was made so that it can."""
        while self._pragma("auto_vacuum") and (free := self._pragma("freelist_count")):
            self._progress("giving back space", 0, free)
            self._connection.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _stored(self) -> int:
        """Bytes of all encodings and dictionaries."""
        row = self._connection.execute(
            """SELECT coalesce((SELECT sum(length(data)) FROM encodings), 0)
                    + coalesce((SELECT sum(length(data)) FROM dictionaries), 0)"""
        ).fetchone()
        return int(row[0])

    def _file_bytes(self) -> int:
        return self._pragma("page_count") * self._pragma("page_size")

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])


def _level(body: bytes) -> int:
    return _LEVEL if len(body) <= _MOST_TIGHT else _LEVEL_OF_LONG


def _shows_another_template(body: bytes, best: Encoding) -> bool:
    return (
        best.codec == ZSTD
        and LEAST_PAGE <= len(body) <= MOST_PAGE
        and len(best.data) > len(body) * GOOD
        and best.dictionary_id is None
    )


def _spread(firsts: Sequence[_Waiting]) -> list[_Waiting]:
    """The same in an order of which every beginning is spread over the whole."""
    step = max(1, len(firsts) // 128)
    # The newest first: a dictionary has it whole, with the template as it is now.
    newest_first = firsts[::-1]
    return [one for offset in range(step) for one in newest_first[offset::step]]
