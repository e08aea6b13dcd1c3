"""The daemon's service that tells people: it looks, collects, and has a child process send.

Sending belongs in a process of its own: a service that never answers, or a library that leaks, then
takes nothing with it, and the daemon stays as small as it is.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

import psutil
import structlog

from archive.errors import YangeError
from scheduler.child import start_child
from scheduler.configuration import Configuration
from scheduler.readers import Readers
from scheduler.telling.collecting import begin, collect, is_anything_due
from scheduler.telling.sending import SECONDS

logger = structlog.get_logger(__name__)

# Crawls by hand are heard of no later than so; those of the daemon's own at once.
_LOOK_SECONDS = 20.0
_CHILD_SECONDS = SECONDS + 30.0
_STOP_SECONDS = 1.5


class Notifier:
    """Tells by the rules of one configuration, from a thread of its own."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._readers = Readers(configuration.settings)
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._child: psutil.Popen | None = None
        self._thread = threading.Thread(target=self._work, name="notifier", daemon=True)

    def start(self) -> None:
        """Have new rules begin at the present, and begin to look."""
        try:
            begin(self._configuration.settings, datetime.now(UTC))
        finally:
            self._thread.start()

    def run_ended(self, _portal: str) -> None:
        """There may be something to tell."""
        self._woken.set()

    def stop(self) -> None:
        """Let what is being sent come to its end for a moment, and leave the rest for next time."""
        self._stopping.set()
        self._woken.set()
        with self._guard:
            child = self._child
        if child is not None:
            with suppress(psutil.NoSuchProcess):
                child.terminate()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        if child is not None:
            with suppress(psutil.NoSuchProcess):
                child.kill()

    def _work(self) -> None:
        while not self._stopping.is_set():
            # Before the look: a run that ends meanwhile is looked at next.
            self._woken.clear()
            try:
                self._look()
            except YangeError as error:
                logger.error("notifications_not_made", error=str(error))
            except Exception:
                # The thread must live: what fails now may be mended by the next look.
                logger.exception("notifier_failed")
            if not self._stopping.is_set():
                self._woken.wait(_LOOK_SECONDS)

    def _look(self) -> None:
        settings = self._configuration.settings
        if is_anything_due(settings, datetime.now(UTC)):
            collect(settings, self._readers, datetime.now(UTC))
            self._send()

    def _send(self) -> None:
        """Have a child send what is due, and wait for it."""
        with self._guard:
            if self._stopping.is_set():
                return
            command = ("notify", "--send", "--tethered")
            child = self._child = start_child(self._configuration, command)
        try:
            child.wait(timeout=_CHILD_SECONDS)
        except psutil.TimeoutExpired:
            logger.error("notifications_hang", pid=child.pid)
            child.kill()
            child.wait()
        finally:
            with self._guard:
                self._child = None
            child.stdin.close()
