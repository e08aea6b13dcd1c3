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
        self._sought: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()
        self._whose: str | None = None

    def of(self, portal: str) -> Memory:
        """What is remembered of one portal's archive, among all the rest."""
        other = copy(self)
        other._whose = portal
        return other

    def recall(self, question: Hashable, seconds: float, ask: Callable[[], _T]) -> _T:
        """The answer to a question, not older than `seconds`; found with `ask` if it has to be.

        While one finds it, others take the answer before, up to twice as old, or wait for the new
        one: twenty who count through everything at once would all be given up. Where the one fails,
        each of them finds it, or fails as well.
        """
        question = (self._whose, question)
        now = self._clock()
        with self._lock:
            known = self._known.get(question)
            under_way = self._sought.get(question)
            good_for = seconds if under_way is None else 2 * seconds
            if known is not None and now - known[0] < good_for:
                self._known.move_to_end(question)
                return cast(_T, known[1])
            if under_way is None:
                found = self._sought[question] = threading.Event()
        if under_way is not None:
            under_way.wait()
            with self._lock:
                known = self._known.get(question)
            return ask() if known is None else cast(_T, known[1])
        try:
            answer = ask()
            with self._lock:
                self._known[question] = (now, answer)
                self._known.move_to_end(question)
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
        finally:
            with self._lock:
                del self._sought[question]
            found.set()
        return answer
