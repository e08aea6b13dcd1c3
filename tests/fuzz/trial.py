"""One page tried in a process of its own, so that a hang or a crash is a verdict like any other."""

from __future__ import annotations

import faulthandler
import multiprocessing
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from .oracles import Broken, examine

SECONDS = 30
"""The most CPU time that all readings of one page may take together, some twenty of them."""
MEMORY = 3 << 30
"""The most address space, in bytes: libxml2 and Python reserve far more than they use."""

_HANGS = "does not end"
_FORK = multiprocessing.get_context("fork")


def bounded(seconds: int = SECONDS) -> None:
    """Bound this process from now on: it dies of SIGXCPU after so many more seconds of CPU time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def verdict_of(page: bytes, *, timed: bool = False) -> str:
    """What is wrong with the reading of a page, in a few words; `""` for nothing."""
    return judged(lambda: _examined(page, timed=timed))


def judged(trial: Callable[[], str]) -> str:
    """What `trial` says when it is run in a bounded process, or what became of the process."""
    here, there = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_run, args=(trial, there))
    process.start()
    there.close()
    said: str | None = None
    with suppress(EOFError):
        said = here.recv()
    process.join()
    if said is not None:
        return said
    return ending(process.exitcode or 0)


def ending(status: int) -> str:
    """What an exit status of a bounded process means; negative ones name a signal."""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return _HANGS
    return f"dies of {signal.Signals(-status).name}" if status < 0 else f"ends with {status}"


def _run(trial: Callable[[], str], answer: Connection) -> None:
    faulthandler.disable()
    bounded()
    answer.send(trial())


def _examined(page: bytes, *, timed: bool) -> str:
    try:
        examine(page, timed=timed)
    except Broken as broken:
        return broken.what
    return ""
