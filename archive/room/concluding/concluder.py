"""Whoever is asked for conclusions: one process for all threads, asked by one after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

from archive.conclusions import Conclusions
from archive.errors import ArchiveUnusableError, TookTooLongError, YangeError
from archive.room.apart import Apart
from archive.room.concluding.process import Refusal, StillReading, conclude
from archive.room.concluding.questions import read_all
from archive.room.sources import Sources

_P = ParamSpec("_P")
_T = TypeVar("_T")

SLICE_SECONDS = 1.0
"""So long texts are read at once; after each slice it is known how far that is."""
# Working out who speaks of whom is one piece of work, and so is a text with its attachments, which
# may be read for a minute; nobody waits for it to its end.
_MOST_SECONDS = 90.0
# A million versions take less than one.
_MEMORY = 4 << 30


class NotConcludedYetError(YangeError):
    """Conclusions that are not there yet, but will be: `so_far` tells how many texts are read.

    None while all are, and what follows from them is being worked out.
    """

    def __init__(self, so_far: StillReading | None) -> None:
        super().__init__(
            "what follows from the texts is being worked out; ask again in a few seconds"
            if so_far is None
            else f"{so_far.done:,} of {so_far.total:,} texts have been read for what they claim;"
            " that goes on, ask again in a while"
        )
        self.so_far = so_far


class _Work:
    """Since when the process has been at what it is doing; None while it does nothing."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.since: float | None = None
        self._clock = clock

    @contextmanager
    def under_way(self) -> Iterator[None]:
        self.since = self._clock()
        try:
            yield
        finally:
            self.since = None

    def left(self, patience: float) -> float:
        """How long to wait that is so patient: all wait for the same, so it is waited for once.

        Else every visitor of a page would hold a thread of the room's for so long, and those that
        come after them would wait for the threads.
        """
        since = self.since
        return patience if since is None else since + patience - self._clock()


class Concluder:
    """The process in which conclusions are drawn, and the thread that speaks with it.

    Whoever cannot wait leaves; what was begun goes on, so that the next one finds it done.
    """

    def __init__(self, sources: Sources, clock: Callable[[], float] = time.monotonic) -> None:
        self._zone = sources.zone
        self._archive = sources.shelves[0].path
        self._apart = Apart(_MOST_SECONDS, _MEMORY)
        self._thread = ThreadPoolExecutor(1, "room-concluding")
        self._work = _Work(clock)
        self._so_far: StillReading | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether the process is at something, for this archive or one beside it."""
        return self._work.since is not None

    def of(self, portal: str) -> Concluder:  # noqa: ARG002 as where there are several archives
        """Whoever is asked about the archive that a portal is in: this one."""
        return self

    def beside(self, archive: Path) -> Concluder:
        """Who is asked about another archive, in the same process and by the same thread."""
        other = copy(self)
        other._archive = archive
        return other

    def ask(
        self,
        patience: float,
        question: Callable[Concatenate[Conclusions, _P], _T],
        *given: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """What a function of a module's says of the conclusions, within so many seconds.

        They are counted from when the process began with what it is at. Raises
        NotConcludedYetError, TookTooLongError, and NotFoundError if the function does.
        """
        patience = self._work.left(patience)
        if self._so_far is not None or patience < 0:
            raise NotConcludedYetError(self._so_far)
        try:
            future = self._thread.submit(self._conclude, question, given, named)
        except RuntimeError as error:  # the room is closing
            raise TookTooLongError from error
        try:
            found = future.result(patience)
        except TimeoutError:
            future.cancel()
            raise NotConcludedYetError(self._so_far) from None
        if isinstance(found, StillReading):
            raise NotConcludedYetError(found)
        return cast(_T, found)

    def close(self) -> None:
        """End the process for good."""
        self._apart.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _conclude(
        self, question: Callable[..., object], given: tuple[object, ...], named: dict[str, object]
    ) -> object:
        """The answer, or StillReading: then what is left is read, and meanwhile nothing else."""
        with self._work.under_way():
            found = self._apart.do(
                conclude, self._archive, self._zone, SLICE_SECONDS, question, given, named
            )
        if isinstance(found, Refusal):
            if issubclass(found.error, ArchiveUnusableError):
                raise ArchiveUnusableError(self._archive, "cannot be read for conclusions")
            raise found.error(found.sentence)
        if isinstance(found, StillReading) and question is not read_all:
            self._so_far = found
            self._thread.submit(self._read_on)
        return found

    def _read_on(self) -> None:
        try:
            while isinstance(found := self._conclude(read_all, (), {}), StillReading):
                self._so_far = found
        finally:
            # Where it failed, whoever asks next finds the same, and is told.
            self._so_far = None
