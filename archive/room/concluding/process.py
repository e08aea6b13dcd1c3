"""In the process apart: what is concluded, kept at hand while the archive stays as it is.

Working out who speaks of whom takes seconds in a large archive, and reading all texts for the first
time takes longer than anybody waits for a page. So a question is given up after a slice of time,
and the next one goes on from there; and while a crawl goes on, with something new every second,
what took seconds to work out is good for some time.
"""

from __future__ import annotations

import gc
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue import Catalogue
from archive.conclusions import Conclusions
from archive.database import file_identity
from archive.errors import ArchiveUnusableError, BusyError, NotFoundError
from archive.law.claims.claim import Claim
from archive.law.claims.reading import READER
from archive.law.claims.store import Claims, ClaimStore

Question = Callable[..., Any]
"""A function of a module's that is given the conclusions, and what was asked along with it."""


class StillReading(NamedTuple):
    """There is no answer yet: so many texts have been read, and so many are to be."""

    done: int
    total: int


class Refusal(NamedTuple):
    """There is no answer: of what kind the error is, and what it says."""

    error: type[NotFoundError] | type[BusyError] | type[ArchiveUnusableError]
    sentence: str


def conclude(
    archive: Path,
    zone: tzinfo,
    seconds: float,
    question: Question,
    given: tuple[object, ...],
    named: dict[str, object],
) -> object:
    """The answer to a question about an archive, or StillReading after `seconds`, or Refusal."""
    try:
        return _of(archive, zone).answer(seconds, question, given, named)
    except _NoMoreTimeError as error:
        return error.so_far
    except (NotFoundError, BusyError, ArchiveUnusableError) as error:
        kinds = (NotFoundError, BusyError, ArchiveUnusableError)
        return Refusal(next(kind for kind in kinds if isinstance(error, kind)), str(error))


class _NoMoreTimeError(Exception):
    def __init__(self, done: int, total: int) -> None:
        super().__init__(done, total)
        self.so_far = StillReading(done, total)


class _RememberingStore(ClaimStore):
    """Claims that are kept in memory too: where the file cannot be written, nothing is lost."""

    def __init__(self, archive: Path) -> None:
        super().__init__(archive, READER)
        self._known: dict[bytes, Claims] | None = None

    def load(self) -> dict[bytes, Claims]:
        if self._known is None:
            self._known = super().load()
        return dict(self._known)

    def add(self, claims: Mapping[bytes, Sequence[Claim]]) -> None:
        if self._known is not None:
            self._known |= {digest: tuple(found) for digest, found in claims.items()}
        super().add(claims)


class _Kept:
    """An archive that is open, and what was last concluded from it."""

    def __init__(self, archive: Path, zone: tzinfo) -> None:
        self.key = (archive, zone, file_identity(archive))
        self._catalogue = Catalogue.open(archive, zone)
        self._store = _RememberingStore(archive)
        self._basis: tuple[object, ...] | None = None
        self._found: Conclusions | None = None
        self._cost = 0.0
        self._drawn = 0.0
        self._end = 0.0
        self._total = 0

    def answer(
        self,
        seconds: float,
        question: Question,
        given: tuple[object, ...],
        named: dict[str, object],
    ) -> object:
        """The answer to a question; reading for it ends after `seconds`."""
        self._end = time.monotonic() + seconds
        found = self._conclusions()
        began = time.process_time()
        # Millions of small things that refer to one another in no circle.
        gc.disable()
        try:
            return question(found, *given, **named)
        finally:
            gc.enable()
            # Without what other processes did for it, and waits: what it would cost again.
            if (cost := time.process_time() - began) > self._cost:
                self._cost, self._drawn = cost, time.monotonic()

    def _conclusions(self) -> Conclusions:
        fresh = self._catalogue.conclusions(self._progress, store=self._store)
        if self._found is not None and self._is_good_still(fresh):
            return self._found
        basis = fresh.basis
        if self._found is None or basis != self._basis:
            # First, since both together would need twice the memory.
            self._found = None
            self._found, self._basis, self._cost = fresh, basis, 0.0
        return self._found

    def _is_good_still(self, fresh: Conclusions) -> bool:
        if self._found is None or self._cost < _COSTLY or self._found.today != fresh.today:
            return False
        return time.monotonic() - self._drawn < min(_OLDEST, _TIMES * self._cost)

    def close(self) -> None:
        self._catalogue.close()

    def _progress(self, done: int, total: int) -> None:
        # What earlier slices of time were enough for counts as done.
        self._total = max(self._total, total) if done < total else 0
        # One at least, so that there is an end to it.
        if 0 < done < total and time.monotonic() > self._end:
            raise _NoMoreTimeError(self._total - (total - done), self._total)


# What takes at least so many seconds of a processor is kept so many times as long; at most so long.
_COSTLY = 2.0
_TIMES = 10
_OLDEST = 120.0
# Of several archives, so that going from one to the next does not begin anew each time.
_MOST_KEPT = 64
_kept: OrderedDict[Path, _Kept] = OrderedDict()


def _of(archive: Path, zone: tzinfo) -> _Kept:
    known = _kept.pop(archive, None)
    if known is not None and known.key != (archive, zone, file_identity(archive)):
        known.close()
        known = None
    if known is None:
        known = _Kept(archive, zone)
    _kept[archive] = known
    if len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)[1].close()
    return known
