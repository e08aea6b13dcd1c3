"""Going through what several archives answer, page by page: newest first, by time.

Archives count for themselves, so a page begins where the one before ended: at an instant, at the
archive of a portal, and there at a number. Wherever in that order something is recorded meanwhile,
no page shows anything twice, and none leaves out what was there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from heapq import merge
from itertools import islice
from typing import NamedTuple

from archive.across.catalogues import Catalogues
from archive.across.held import Row, held
from archive.catalogue import Catalogue
from archive.errors import ConfigurationError
from archive.questions.source import HIGHEST_ID

_WRITTEN = re.compile(r"([0-9]{1,15})-([0-9]{1,15})-([A-Za-z0-9][A-Za-z0-9_-]*)")
Timed = tuple[int, Row]
Ask = Callable[[Catalogue, tuple[int, int] | None], list[Timed]]
"""What a catalogue answers by time, before an instant and a number."""


class Position(NamedTuple):
    """Where a page ends: the instant of its last row in ms, its portal, and its number there."""

    at_ms: int
    portal: str
    number: int

    def __str__(self) -> str:
        return f"{self.at_ms}-{self.number}-{self.portal}"

    @classmethod
    def read(cls, name: str, text: str) -> Position:
        """What stands in an address. Raises ConfigurationError, which names the parameter."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ConfigurationError(f"{name} should be as `next` has it, and is {text!r}")
        return cls(int(found[1]), found[3], int(found[2]))

    def before(self, portal: str) -> tuple[int, int]:
        """From where on the archive of `portal` comes after it: of one instant, by portal."""
        if portal == self.portal:
            return self.at_ms, self.number
        return self.at_ms, HIGHEST_ID if portal > self.portal else 0


def page(
    catalogues: Catalogues,
    ask: Ask,
    names: tuple[str, ...],
    *,
    portal: str | None,
    before: Position | None,
    limit: int,
) -> tuple[list[Row], Position | None]:
    """The newest rows of all archives, and where they end if there are more.

    `names` are those of the rows' numbers, the one by which archives order them first.
    """

    def timed(key: str, catalogue: Catalogue) -> Iterator[tuple[Position, Row]]:
        for at_ms, row in ask(catalogue, None if before is None else before.before(key)):
            yield Position(at_ms, key, row[names[0]]), held(key, row, *names)

    streams = catalogues.streams(timed, portal=portal)
    found = list(islice(merge(*streams, key=_order), limit + 1))
    rows = [row for _, row in found[:limit]]
    return rows, found[limit - 1][0] if len(found) > limit else None


def _order(one: tuple[Position, Row]) -> tuple[int, str, int]:
    position, _ = one
    return -position.at_ms, position.portal, -position.number
