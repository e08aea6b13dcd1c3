"""In the process apart: what is concluded, kept at hand while the archive stays as it is.

Working out who speaks of whom takes seconds in a large archive, and reading all texts for the first
time takes longer than anybody waits for a page. So a question is given up after a slice of time,
and the next one goes on from there.
"""

from __future__ import annotations

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
        return question(_conclusions(archive, zone, seconds), *given, **named)
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
        self._end = 0.0
        self._total = 0

    def conclusions(self, seconds: float) -> Conclusions:
        """What is concluded now; reading for it ends after `seconds`."""
        self._end = time.monotonic() + seconds
        fresh = self._catalogue.conclusions(self._progress, store=self._store)
        basis = fresh.basis
        if self._found is None or basis != self._basis:
            self._found, self._basis = fresh, basis
        return self._found

    def close(self) -> None:
        self._catalogue.close()

    def _progress(self, done: int, total: int) -> None:
        # What earlier slices of time were enough for counts as done.
        self._total = max(self._total, total) if done < total else 0
        # One at least, so that there is an end to it.
        if 0 < done < total and time.monotonic() > self._end:
            raise _NoMoreTimeError(self._total - (total - done), self._total)


# Of several archives, so that going from one to the next does not begin anew each time.
_MOST_KEPT = 64
_kept: OrderedDict[Path, _Kept] = OrderedDict()


def _conclusions(archive: Path, zone: tzinfo, seconds: float) -> Conclusions:
    known = _kept.pop(archive, None)
    if known is not None and known.key != (archive, zone, file_identity(archive)):
        known.close()
        known = None
    if known is None:
        known = _Kept(archive, zone)
    _kept[archive] = known
    if len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)[1].close()
    return known.conclusions(seconds)
