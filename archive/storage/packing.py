"""Storing pages during a crawl, each against what is known of its site.

A later version is compressed against the version before it, and costs what they differ by. A first
one is compressed against a dictionary of its host: until `compact` makes a better one, that is the
first page that was met there, so that a template is stored once. A page that no dictionary does
much for shows another template, and becomes a dictionary itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from archive.bodies import (
    MOST_BASES,
    ZSTD,
    DamagedBodyError,
    Encoding,
    add_body,
    alone,
    chain,
    find_body,
    read_body,
)
from archive.canonical import sha256
from archive.storage import dictionaries
from archive.storage.compression import compress
from archive.storage.dictionaries import DamagedDictionaryError, Dictionary

# Level 6 packs 4 % tighter than 3 in the time that a page by itself takes at 3. Against one page,
# level 9 costs no more than 3 does, against a dictionary and a page three times as much.
_LEVEL = 6
_LEVEL_AGAINST_PAGE = 9
_LEVEL_AGAINST_BOTH = 3

FINAL_BYTES = 256
"""An encoding against a base that takes no more than this is not packed again."""
# Compressed against its own template, a page of a portal is left with a fifteenth; by itself with a
# third. What is left with more than this has found no template.
GOOD = 1 / 8
# A new dictionary has to save at least so much of what the page takes by itself.
_SAVING = 0.4
# How many single pages a host may have as dictionaries before `compact` makes one of all.
MOST_TEMPLATES = 8
# What is shorter has no template to speak of; what is longer takes longer than it is worth.
LEAST_PAGE, MOST_PAGE = 4 * 1024, 1024 * 1024


class Packer:
    """Stores the pages of one portal, each within the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, portal: str) -> None:
        self._connection = connection
        self._portal = portal

    def keep(
        self, body: bytes, *, host: str, before: int | None = None, digest: bytes | None = None
    ) -> int:
        """Store a page of `host` once; its id.

        `before` is the body that its location showed before, `digest` its SHA-256 if known.
        """
        digest = digest or sha256(body)
        known = find_body(self._connection, digest)
        if known is not None:
            return known
        return add_body(self._connection, digest, len(body), self._encoding(body, host, before))

    def _encoding(self, body: bytes, host: str, before: int | None) -> Encoding:
        if not LEAST_PAGE <= len(body) <= MOST_PAGE:
            return alone(body, compress(body, _LEVEL))
        best: Encoding | None = None
        for candidate in self._candidates(body, host, before):
            if best is None or len(candidate.data) < len(best.data):
                best = candidate
            enough = FINAL_BYTES if candidate.dictionary_id is None else len(body) * GOOD
            if len(best.data) <= enough:
                break
        if best is not None and len(best.data) <= len(body) * GOOD:
            return best._replace(
                is_final=best.base_id is not None and len(best.data) <= FINAL_BYTES
            )
        by_itself = alone(body, compress(body, _LEVEL))
        if best is not None and len(best.data) <= len(by_itself.data) * (1 - _SAVING):
            return best
        if by_itself.codec == ZSTD and self._has_room(host):
            return self._as_template(body, host)
        return min((by_itself, best or by_itself), key=lambda one: len(one.data))

    def _candidates(self, body: bytes, host: str, before: int | None) -> Iterator[Encoding]:
        """Ways to store a page, the most promising first."""
        base = None if before is None else base_of(self._connection, before)
        if base is not None:
            base_id, page = base
            yield Encoding(ZSTD, compress(body, _LEVEL_AGAINST_PAGE, page), base_id=base_id)
        for place, one in enumerate(
            dictionaries.of_host(self._connection, self._portal, host, MOST_TEMPLATES)
        ):
            try:
                prefix = dictionaries.prefix_of(self._connection, one.id, one.sha256)
            except DamagedDictionaryError:
                continue
            if base is not None and place == 0:
                both = compress(body, _LEVEL_AGAINST_BOTH, prefix.content + page)
                yield Encoding(ZSTD, both, one.id, base_id)
            yield Encoding(ZSTD, compress(body, _LEVEL, prefix), one.id)

    def _has_room(self, host: str) -> bool:
        newest = dictionaries.of_host(self._connection, self._portal, host, MOST_TEMPLATES)
        return has_room(newest)

    def _as_template(self, body: bytes, host: str) -> Encoding:
        made = dictionaries.add(
            self._connection, body, portal=self._portal, host=host, pages=1, level=_LEVEL
        )
        prefix = dictionaries.prefix_of(self._connection, made.id, made.sha256)
        return Encoding(ZSTD, compress(body, _LEVEL, prefix), made.id, is_final=True)


def has_room(newest: Sequence[Dictionary]) -> bool:
    """Whether a host with these dictionaries may have another page as one."""
    return len(newest) < MOST_TEMPLATES or any(one.pages > 1 for one in newest)


def base_of(connection: sqlite3.Connection, before: int) -> tuple[int, bytes] | None:
    """A body to compress the next one against, and its bytes: `before` or where its chain begins.

    So no body rests on more than `MOST_BASES` others. None where the base is damaged, too short or
    too long: the next body is then stored without one.
    """
    try:
        links = chain(connection, before)
        base = links[0] if len(links) <= MOST_BASES else links[-1]
        if not LEAST_PAGE <= base.size <= MOST_PAGE:
            return None
        return base.body_id, read_body(connection, base.body_id)
    except DamagedBodyError:
        return None
