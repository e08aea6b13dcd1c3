"""Serving the reading room over HTTP until told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from archive.errors import YangeError
from archive.room.app import room_app
from archive.room.sources import Sources

_WAITING = 128  # connections that the system holds until they are accepted


def serve_room(sources: Sources, *, host: str, port: int, opened: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `opened` is told the address once the room can be reached.

    Raises YangeError where the address cannot be listened at.
    """
    listening = _listen(host, port)
    address = _address(host, listening.getsockname()[1])
    config = uvicorn.Config(
        room_app(sources),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        lifespan="on",
        ws="none",
        proxy_headers=False,
        date_header=True,
    )
    server = _Server(config, lambda: opened(address))
    server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Says when it can be reached."""

    def __init__(self, config: uvicorn.Config, opened: Callable[[], None]) -> None:
        super().__init__(config)
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._opened()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
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
