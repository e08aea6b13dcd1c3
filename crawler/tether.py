"""The tether: a crawl that was started by a daemon does not outlive it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

# As long as the daemon itself gives a crawl that it has asked to leave.
_GRACE_SECONDS = 12.0


def leave_with_parent(grace_seconds: float = _GRACE_SECONDS) -> Callable[[], str]:
    """Watch standard input from a thread, and leave when it closes.

    The parent holds the other end and closes it by ending, however it ends. Leaving is by SIGTERM,
    as if the parent had asked, and by SIGKILL for a crawl that has not left after the grace. A
    parent that asks by itself writes before that, in a line, what for: the function that is
    returned tells.
    """
    said = bytearray()
    threading.Thread(target=_watch, args=[said, grace_seconds], name="tether", daemon=True).start()
    return lambda: said.decode(errors="replace").strip()


def _watch(said: bytearray, grace_seconds: float) -> None:
    # Not sys.stdin: a thread blocked in a buffered read would hold a lock that the interpreter
    # wants when it ends.
    while piece := os.read(0, 4096):
        said += piece
    if not said:
        said += b"the process that had started it was gone"
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace_seconds)
    os.kill(os.getpid(), signal.SIGKILL)
