"""The tether: a crawl that was started by a daemon does not outlive it."""

from __future__ import annotations

import os
import signal
import threading
import time

# As long as the daemon itself gives a crawl that it has asked to leave.
_GRACE_SECONDS = 12.0


def leave_with_parent() -> None:
    """Watch standard input from a thread, and leave when it closes.

    The parent holds the other end and closes it by ending, however it ends. Leaving is by SIGTERM,
    as if the parent had asked, and by SIGKILL for a crawl that has not left by then.
    """
    threading.Thread(target=_watch, name="tether", daemon=True).start()


def _watch() -> None:
    # Not sys.stdin: a thread blocked in a buffered read would hold a lock that the interpreter
    # wants when it ends.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
