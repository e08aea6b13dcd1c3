"""What the daemon tells the service manager that started it: systemd's notify protocol."""

from __future__ import annotations

import os
import time

# Within what systemd waits for, so that one that comes late is no alarm.
_BEATS_A_WATCH = 3
_LONGEST_BEAT = 10.0


class Supervisor:
    """The service manager, if there is one; without one, nothing is told to nobody."""

    def __init__(self) -> None:
        self._notifier = None
        if os.environ.get("NOTIFY_SOCKET"):
            from sdnotify import SystemdNotifier

            self._notifier = SystemdNotifier()
        watched = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        microseconds = os.environ.get("WATCHDOG_USEC", "") if watched else ""
        self.beat_seconds = _LONGEST_BEAT
        """How often to say `alive`."""
        if microseconds.isdecimal():
            self.beat_seconds = min(int(microseconds) / 1e6 / _BEATS_A_WATCH, _LONGEST_BEAT)

    def ready(self, status: str) -> None:
        """The daemon has started, or has read its configuration again."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """The daemon begins to read its configuration again."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}")

    def alive(self, status: str) -> None:
        """The daemon does its work."""
        self._tell("WATCHDOG=1", f"STATUS={status}")

    def stopping(self) -> None:
        """The daemon begins to end."""
        self._tell("STOPPING=1", "STATUS=ending crawls")

    def _tell(self, *lines: str) -> None:
        if self._notifier is not None:
            self._notifier.notify("\n".join(lines))
