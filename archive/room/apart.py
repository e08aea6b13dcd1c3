"""Work that is done in a process of its own, within limits of time and memory.

Aligning long texts or taking a hostile page to pieces is work that no thread can be stopped in, and
that keeps all others waiting. In a process it uses a processor of its own, and is ended when it
takes too long.
"""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import NamedTuple, ParamSpec, TypeVar, cast

from archive.errors import TookTooLongError

_P = ParamSpec("_P")
_T = TypeVar("_T")

SECONDS = 5.0
"""How long one piece of work may take unless it is said."""
MEMORY = 1 << 30
"""How much of the address space it may take unless it is said, in bytes."""


class Apart:
    """Such a process, for one thread; started when first needed, and again once it was ended.

    `seconds` is how long one piece of work may take, `memory` how many bytes of address space.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._is_closed = False

    def do(self, work: Callable[_P, _T], *given: _P.args, **named: _P.kwargs) -> _T:
        """What a function of a module's returns. Raises TookTooLongError."""
        line = self._at_work()
        try:
            line.send((work, given, named))
            if not line.poll(self._seconds):
                raise TookTooLongError
            found = line.recv()
        except (EOFError, OSError) as error:
            # It died of it, for want of memory most likely; or was ended with the room.
            self._end()
            raise TookTooLongError from error
        except TookTooLongError:
            self._end()
            raise
        if isinstance(found, _Fault):
            raise RuntimeError(f"{work.__name__} failed: {found.told}")
        return cast(_T, found)

    def close(self) -> None:
        """End the process for good, from whichever thread; the one that waits for it is told."""
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def _at_work(self) -> Connection:
        with self._lock:
            if self._is_closed:
                raise TookTooLongError
            if self._line is None:
                ours, theirs = socket.socketpair()
                with theirs:
                    self._process = subprocess.Popen(  # noqa: S603 our own module
                        [sys.executable, "-m", __name__, str(theirs.fileno()), str(self._memory)],
                        pass_fds=(theirs.fileno(),),
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        # What goes wrong in it is told here.
                        stderr=subprocess.DEVNULL,
                        # Signals of a terminal are for the room alone.
                        start_new_session=True,
                    )
                self._line = Connection(ours.detach())
            return self._line

    def _end(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            if self._line is not None:
                self._line.close()
            self._process = self._line = None


class _Fault(NamedTuple):
    """What went wrong through a fault of ours."""

    told: str


def main() -> None:
    """Do what comes in until the other side is gone."""
    memory = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with suppress(EOFError, OSError, MemoryError), Connection(int(sys.argv[1])) as line:
        while True:
            work, given, named = line.recv()
            line.send(_done(work, given, named))


def _done(
    work: Callable[..., object], given: tuple[object, ...], named: dict[str, object]
) -> object:
    try:
        return work(*given, **named)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 told to the other side, which logs it
        return _Fault(traceback.format_exc())


if __name__ == "__main__":
    # By its own name, under which the other side knows what comes back.
    import_module("archive.room.apart").main()
