"""Looking at how everything stands, once for all who ask at the same time, and not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from archive.errors import YangeError
from archive.shelves import Shelf
from scheduler.standing import Standing

# Prometheus gives up after ten seconds where nothing else is configured.
_PATIENCE_SECONDS = 8.0
_FRESH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Observation:
    """How everything stands or, where that could not be read, why not."""

    standing: Standing | None
    fault: str | None


class Observer:
    """Hands out observations. Any thread may ask.

    An archive that another program holds makes one thread wait, whoever asks meanwhile, and nobody
    for longer than a few seconds. Between two looks nothing of the archive is held open.
    """

    def __init__(self, look: Callable[[], Standing], patience: float = _PATIENCE_SECONDS) -> None:
        """`look` raises YangeError where the archive cannot be read; it is waited for so long."""
        self._patience = patience
        self._look = look
        self._guard = threading.Lock()
        self._last: Future[Observation] | None = None
        self._begun = 0.0
        self._had: set[Shelf] = set()

    def observe(self) -> Observation:
        """How everything stands, as of half a second ago at most."""
        with self._guard:
            if self._last is None or self._is_stale(self._last):
                self._last = Future()
                self._begun = time.monotonic()
                threading.Thread(
                    target=self._work, args=[self._last], name="observer", daemon=True
                ).start()
            future = self._last
        try:
            return future.result(self._patience)
        except TimeoutError:
            waited = time.monotonic() - self._begun
            return Observation(None, f"the archive has not answered for {waited:.0f} seconds")

    def _is_stale(self, last: Future[Observation]) -> bool:
        return last.done() and time.monotonic() - self._begun > _FRESH_SECONDS

    def _work(self, future: Future[Observation]) -> None:
        try:
            future.set_result(self._seen())
        except Exception as error:  # noqa: BLE001 whoever waits is told
            future.set_result(Observation(None, f"{type(error).__name__}: {error}"))

    def _seen(self) -> Observation:
        try:
            standing = self._look()
        except YangeError as error:
            return Observation(None, str(error))
        there = {one.shelf for one in standing.archives if one.totals is not None}
        gone = sorted(
            f"the archive{_of(one.shelf)} is not there any more"
            for one in standing.archives
            if one.shelf in self._had - there and one.fault is None
        )
        self._had |= there
        return Observation(standing, "; ".join(gone) or None)


def _of(shelf: Shelf) -> str:
    return "" if shelf.portal is None else f" of {shelf.portal}"
