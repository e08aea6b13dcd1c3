"""Serves the portal from a process of its own, so fast that it never sets the pace.

`crawler.replica.server.LoopbackSite` can do much more, and is for that too slow here.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from bench.portal import Portal

ADDRESS = "127.0.0.1"
_ROBOTS = b"User-agent: *\nDisallow: /eportal/\nDisallow: /search/\nDisallow: /*.do$\n"


@contextmanager
def serving(documents: int, *, edition: int = 0, port: int = 0) -> Iterator[int]:
    """Serve the portal while the context lasts; the port that it listens on."""
    command = [sys.executable, "-m", "bench.server", str(documents), str(edition), str(port)]
    with subprocess.Popen(  # noqa: S603 our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()  # which it takes as its end, as it would our own


class _Conversation(asyncio.Protocol):
    """One connection. Whoever asks waits for the answer before asking again."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            path = self._received.split(b" ", 2)[1].decode("ascii")
            self._received = b""
            self._transport.write(self._answer(path))

    def _answer(self, path: str) -> bytes:
        status, media_type, pieces = "200 OK", "text/html", self._portal.page(path)
        if path == "/robots.txt":
            media_type, pieces = "text/plain", (_ROBOTS,)
        elif pieces is None:
            status, pieces = "404 Not Found", (b"<html><body>404</body></html>",)
        head = (
            f"HTTP/1.1 {status}\r\n"
            "Server: bench\r\n"
            "Date: Mon, 03 Mar 2025 02:00:00 GMT\r\n"
            f"Content-Type: {media_type}; charset=utf-8\r\n"
            "Last-Modified: Sun, 02 Mar 2025 18:10:00 GMT\r\n"
            f'ETag: "{crc32(path.encode()):08x}"\r\n'
            f"Content-Length: {sum(map(len, pieces))}\r\n\r\n"
        )
        return b"".join((head.encode("ascii"), *pieces))


async def _serve(portal: Portal, port: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    server = await loop.create_server(lambda: _Conversation(portal), ADDRESS, port, backlog=128)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Portal(int(sys.argv[1]), int(sys.argv[2])), int(sys.argv[3])))
