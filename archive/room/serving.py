"""Serving the reading room over HTTP until told to stop."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from ipaddress import ip_address
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from archive.errors import YangeError
from archive.room.app import room_app
from archive.room.connections import PatientConnection
from archive.room.sources import Sources

_WAITING = 128  # connections that the system holds until they are accepted


def serve_room(sources: Sources, *, host: str, port: int, opened: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `opened` is told the address once the room can be reached.

    Raises YangeError where the address cannot be listened at, ConfigurationError where others would
    reach the room and nothing would keep anybody out.
    """
    with _listen(host, port) as listening:
        bound, port, *_ = listening.getsockname()
        app = room_app(sources, is_loopback=ip_address(bound.partition("%")[0]).is_loopback)
        # Of its own accord it says only what goes wrong; each request is a matter of debugging.
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        _Server(app, lambda: opened(_address(host, port))).run(sockets=[listening])


def http_settings(app: Starlette) -> uvicorn.Config:
    """How a room is served, wherever it listens."""
    return uvicorn.Config(
        app,
        http=PatientConnection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """Says when it can be reached, and ends by a signal as by any other reason: in order."""

    def __init__(self, app: Starlette, opened: Callable[[], None]) -> None:
        super().__init__(http_settings(app))
        self._app = app
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await super().startup(sockets)
        self._opened()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; what is being looked for is given up, so that nobody is waited for."""
        self._app.state.staff.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop; at the second signal without waiting for answers under way."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host or "nowhere.invalid", port, type=socket.SOCK_STREAM
        )[0]
    except (OSError, UnicodeError) as error:
        raise YangeError(f"there is no address {host!r} on this machine to listen at") from error
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(_WAITING)
    except OSError as error:
        listening.close()
        raise YangeError(
            f"cannot listen at {host} port {port}: {(error.strerror or str(error)).lower()}"
        ) from error
    return listening


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
