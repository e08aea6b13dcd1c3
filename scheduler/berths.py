"""Berths: how many crawls there may be at once, whichever portals they are of."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Berths:
    """A number of places, taken and given back; the number may change while some are taken."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._taken = 0
        self._changed = threading.Condition()

    def resize(self, count: int) -> None:
        """Let there be so many from now on; who is in place stays."""
        with self._changed:
            self._count = count
            self._changed.notify_all()

    def take(self, given_up: Callable[[], bool]) -> bool:
        """Wait for a place and take it; False if `given_up` comes true before there is one."""
        with self._changed:
            self._changed.wait_for(lambda: given_up() or self._taken < self._count)
            if given_up():
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Leave a place that was taken."""
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def look_again(self) -> None:
        """Have everybody who waits ask whether to give up."""
        with self._changed:
            self._changed.notify_all()
