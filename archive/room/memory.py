"""Answers kept for a while, where counting through the whole archive would take long."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from copy import copy
from typing import TypeVar, cast

_T = TypeVar("_T")

# Whoever tries ten thousand filters makes others' answers forgotten, not the memory full.
_MOST = 256


class Memory:
    """Remembers answers by their questions, for so many seconds and up to so many of them."""

    def __init__(self, most: int = _MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._known: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
        self._lock = threading.Lock()
        self._whose: str | None = None

    def of(self, portal: str) -> Memory:
        """What is remembered of one portal's archive, among all the rest."""
        other = copy(self)
        other._whose = portal
        return other

    def recall(self, question: Hashable, seconds: float, ask: Callable[[], _T]) -> _T:
        """The answer to a question, not older than `seconds`; found with `ask` if it has to be.

        Two who ask at once may both find it: neither waits for the other.
        """
        question = (self._whose, question)
        now = self._clock()
        with self._lock:
            known = self._known.get(question)
            if known is not None and now - known[0] < seconds:
                self._known.move_to_end(question)
                return cast(_T, known[1])
        answer = ask()
        with self._lock:
            self._known[question] = (now, answer)
            self._known.move_to_end(question)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return answer
