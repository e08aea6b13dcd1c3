"""The daemon's door: a socket beside the archive at which other commands ask it for something.

A request is one line of JSON, an object with `what`; so is the answer, with `ok` and `said`. The
socket is a file that belongs to whoever runs the daemon; nothing listens on the network.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import structlog

from archive.errors import YangeError
from scheduler.lock import daemon_state

logger = structlog.get_logger(__name__)

_MOST_BYTES = 65536
_ANSWER_SECONDS = 30.0
# A daemon that has its lock opens its door soon after.
_DOOR_SECONDS = 10.0
_PAUSE_SECONDS = 0.1

Answer = Callable[[dict[str, Any]], str]


class NoDaemonError(YangeError):
    """There is no daemon that could be asked."""


class RefusedError(YangeError):
    """The daemon does not do what it was asked for."""


def socket_path(archive: Path) -> Path:
    """The socket of the daemon that serves `archive`."""
    return archive.with_name(archive.name + ".daemon.sock")


class Door:
    """Answers requests in a thread, one after another. A service of the daemon."""

    def __init__(self, archive: Path, answer: Answer) -> None:
        """`answer` does what a request asks for and says so; YangeError says why it does not."""
        self._path = socket_path(archive)
        self._answer = answer
        self._listener: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="door", daemon=True)

    def open(self) -> None:
        """Begin to answer. The daemon's lock must be held: what a dead one left is removed."""
        try:
            with _short(self._path) as address:
                self._path.unlink(missing_ok=True)
                listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                before = os.umask(0o177)
                try:
                    listener.bind(address)
                finally:
                    os.umask(before)
            listener.listen()
        except OSError as error:
            # Crawls do not depend on it.
            logger.error("door_not_opened", path=str(self._path), reason=error.strerror)
            return
        self._listener = listener
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._thread.join()
            self._listener.close()
            self._listener = None
            self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        assert self._listener is not None
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            with caller, suppress(OSError):
                caller.settimeout(_ANSWER_SECONDS)
                caller.sendall(orjson.dumps(self._answered(_line(caller))) + b"\n")

    def _answered(self, line: bytes) -> dict[str, Any]:
        try:
            request = orjson.loads(line)
            return {"ok": True, "said": self._answer(request)}
        except YangeError as error:
            return {"ok": False, "said": str(error)}
        except Exception:
            logger.exception("request_failed")
            return {"ok": False, "said": "the daemon failed to do this; its log says why"}


def ask(archive: Path, request: dict[str, Any], *, named: Path | None = None) -> str:
    """Ask the daemon that serves `archive`; what it said.

    `named` is what people call that, where each portal has an archive of its own. Raises
    NoDaemonError, and RefusedError with the daemon's words.
    """
    path = socket_path(archive)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.settimeout(_ANSWER_SECONDS)
            _connect(caller, archive, path, named or archive)
            caller.sendall(orjson.dumps(request) + b"\n")
            answer = orjson.loads(_line(caller))
    except (OSError, ValueError) as error:
        raise NoDaemonError(
            f"the daemon that serves {named or archive} does not answer: {error}"
        ) from error
    if not answer["ok"]:
        raise RefusedError(answer["said"])
    return str(answer["said"])


def _connect(caller: socket.socket, archive: Path, path: Path, named: Path) -> None:
    deadline = time.monotonic() + _DOOR_SECONDS
    while True:
        if not daemon_state(archive).alive:
            raise NoDaemonError(f"no daemon serves the archive {named}; `yange run` starts one")
        try:
            with _short(path) as address:
                return caller.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _line(caller: socket.socket) -> bytes:
    """What the other side says up to the end of its line."""
    said = b""
    while not said.endswith(b"\n") and len(said) < _MOST_BYTES:
        piece = caller.recv(4096)
        if not piece:
            break
        said += piece
    return said


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """An address for a socket at `path`: at most 107 bytes, which few folders of archives leave."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield str(path)
        return
    try:
        beside = Path(f"/proc/self/fd/{folder}")
        yield str(beside / path.name if beside.exists() else path)
    finally:
        os.close(folder)
