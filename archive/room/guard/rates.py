"""How often a client may ask for what is dear: counted for so many clients and no more."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from archive.errors import BusyError

_CLIENTS = 4096


class TooOftenError(BusyError):
    """A client that has asked for too much in a minute."""

    def __init__(self) -> None:
        super().__init__("that was asked for too often; try again in a minute")


class Rate:
    """So many requests a minute for each client, the whole minute's at once if they like."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(a_minute)
        self._clock = clock
        # What each client has left, and when that was counted; who asked last is last.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> bool:
        """Whether `client` may ask once more now."""
        now = self._clock()
        left, counted = self._left.pop(client, (self._most, now))
        left = min(self._most, left + (now - counted) * self._most / 60)
        allowed = left >= 1
        self._left[client] = (left - 1 if allowed else left, now)
        if len(self._left) > _CLIENTS:
            self._left.popitem(last=False)
        return allowed

    def __len__(self) -> int:
        """How many clients are remembered."""
        return len(self._left)
