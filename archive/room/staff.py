"""Those who answer requests: threads, each with a catalogue of its own.

A question is answered within its time or given up, so that no request holds the database, and what
takes long has threads of its own, so that it keeps nobody waiting who asks for little.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import NamedTuple, TypeVar

from archive.across.library import Library
from archive.across.opening import open_archives
from archive.catalogue import Catalogue
from archive.database import file_identity
from archive.errors import BusyError
from archive.room.apart import Apart
from archive.room.concluding.all_concluder import AllConcluder
from archive.room.concluding.concluder import Concluder
from archive.room.sources import Sources

_T = TypeVar("_T")
_WAITING_OF_ONE = 40  # questions of one client; a browser asks six at a time


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


class _Queue:
    """Who waits in a lane: clients take turns, however much each of them asks for."""

    def __init__(self, terms: _Terms) -> None:
        self._free = terms.threads
        self._most = terms.waiting
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def enter(self, client: str) -> None:
        """Wait for a thread. Raises TooManyError where too many wait, of this client or of all."""
        if self._free:
            self._free -= 1
            return
        own = len(self._waiting.get(client, ()))
        if own >= _WAITING_OF_ONE or sum(map(len, self._waiting.values())) >= self._most:
            raise TooManyError
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def close(self) -> None:
        """Send away who waits."""
        for queue in self._waiting.values():
            for turn in queue:
                if not turn.done():
                    turn.set_exception(TooManyError())
        self._waiting.clear()

    def leave(self) -> None:
        """Hand the thread on to the next client."""
        while self._waiting:
            client, queue = self._waiting.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._waiting[client] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Help(NamedTuple):
    """What a question is answered with.

    A catalogue and a process apart, at hand for it alone; and whoever draws conclusions for all.
    """

    catalogue: Catalogue | Library
    apart: Apart
    concluder: Concluder | AllConcluder

    def of(self, portal: str) -> Help:
        """The same, with the catalogue and the conclusions of one portal's archive."""
        catalogue = self.catalogue.of(portal)
        return self._replace(catalogue=catalogue, concluder=self.concluder.of(portal))


class Staff:
    """The threads of one reading room."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._at_hand = threading.local()
        self._apart: list[Apart] = []
        self._concluder = AllConcluder(sources) if sources.are_several else Concluder(sources)
        self._closing = threading.Event()
        self._queues = {lane: _Queue(lane.value) for lane in Lane}
        self._threads = {
            lane: ThreadPoolExecutor(lane.value.threads, f"room-{lane.name.lower()}")
            for lane in Lane
        }

    async def ask(self, question: Callable[[Help], _T], lane: Lane, client: str) -> _T:
        """The answer, found in a thread. Raises TooManyError, TookTooLongError."""
        if self._closing.is_set():
            raise TooManyError
        queue = self._queues[lane]
        await queue.enter(client)
        future = asyncio.get_running_loop().run_in_executor(
            self._threads[lane], self._answer, question, lane.value.seconds
        )
        # A visitor who leaves does not make room before the work is done.
        future.add_done_callback(lambda _: queue.leave())
        return await asyncio.shield(future)

    def close(self) -> None:
        """Take no more questions, and give up those under way; from the thread that asks."""
        self._closing.set()
        for queue in self._queues.values():
            queue.close()
        for apart in self._apart:
            apart.close()
        self._concluder.close()
        for pool in self._threads.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, question: Callable[[Help], _T], seconds: float) -> _T:
        catalogue = self._catalogue()
        with catalogue.within(seconds, or_when=self._closing.is_set):
            return question(Help(catalogue, self._process(), self._concluder))

    def _process(self) -> Apart:
        """This thread's process apart, which starts once it is needed."""
        apart: Apart | None = getattr(self._at_hand, "apart", None)
        if apart is None:
            apart = self._at_hand.apart = Apart()
            self._apart.append(apart)
        return apart

    def _catalogue(self) -> Catalogue | Library:
        """This thread's catalogue; a new one where another file has taken an archive's place."""
        sources = self._sources
        present = [file_identity(shelf.path) for shelf in sources.shelves]
        held: tuple[object, Catalogue | Library] | None = getattr(self._at_hand, "held", None)
        if held is not None and held[0] == present:
            return held[1]
        if held is not None:
            self._at_hand.held = None
            held[1].close()
        catalogue = open_archives(sources.kept, sources.portals, sources.zone, hurried=True)
        self._at_hand.held = (present, catalogue)
        return catalogue
