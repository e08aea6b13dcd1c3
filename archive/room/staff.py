"""Those who answer requests: threads, each with a catalogue of its own.

A question is answered within its time or given up, so that no request holds the database, and what
takes long has threads of its own, so that it keeps nobody waiting who asks for little.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import NamedTuple, TypeVar

from archive.catalogue import Catalogue
from archive.database import file_identity
from archive.errors import BusyError
from archive.room.sources import Sources

_T = TypeVar("_T")


class _Terms(NamedTuple):
    threads: int
    seconds: float
    waiting: int


class Lane(Enum):
    """How long an answer may take, how many are worked at side by side, and how many may wait."""

    QUICK = _Terms(threads=4, seconds=3.0, waiting=200)
    """Pages of a few rows."""
    SEARCH = _Terms(threads=2, seconds=5.0, waiting=60)
    """What looks through many documents or compares long texts."""
    DOWNLOAD = _Terms(threads=1, seconds=60.0, waiting=8)
    """Files made of many documents."""


class TooManyError(BusyError):
    """More questions are waiting than can be answered in good time."""

    def __init__(self) -> None:
        super().__init__("too many are asking at once; try again in a few seconds")


class Staff:
    """The threads of one reading room."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._at_hand = threading.local()
        self._lanes = {
            lane: ThreadPoolExecutor(lane.value.threads, f"room-{lane.name.lower()}")
            for lane in Lane
        }
        self._asked = dict.fromkeys(Lane, 0)

    async def ask(self, question: Callable[[Catalogue], _T], lane: Lane = Lane.QUICK) -> _T:
        """The answer, found in a thread. Raises TooManyError, TookTooLongError."""
        terms = lane.value
        if self._asked[lane] >= terms.threads + terms.waiting:
            raise TooManyError
        self._asked[lane] += 1
        future = asyncio.get_running_loop().run_in_executor(
            self._lanes[lane], self._answer, question, terms.seconds
        )
        # A visitor who leaves does not make room before the work is done.
        future.add_done_callback(lambda _: self._leave(lane))
        return await asyncio.shield(future)

    def close(self) -> None:
        """Take no more questions; what is under way is left to its end."""
        for pool in self._lanes.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def _leave(self, lane: Lane) -> None:
        self._asked[lane] -= 1

    def _answer(self, question: Callable[[Catalogue], _T], seconds: float) -> _T:
        catalogue = self._catalogue()
        with catalogue.within(seconds):
            return question(catalogue)

    def _catalogue(self) -> Catalogue:
        """This thread's catalogue; a new one where another file has taken the archive's place."""
        present = file_identity(self._sources.archive)
        held: tuple[object, Catalogue] | None = getattr(self._at_hand, "held", None)
        if held is not None and held[0] == present:
            return held[1]
        if held is not None:
            self._at_hand.held = None
            held[1].close()
        catalogue = Catalogue.open(self._sources.archive, self._sources.zone)
        self._at_hand.held = (present, catalogue)
        return catalogue
