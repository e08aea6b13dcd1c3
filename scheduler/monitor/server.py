"""A small web server for those who watch the daemon; it answers and changes nothing."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

# Whoever is slower than this, or comes when so many are being answered, is not waited for.
_TIMEOUT_SECONDS = 10.0
_AT_ONCE = 32


class Answer(NamedTuple):
    """What is answered to a request."""

    status: int
    content_type: str
    body: bytes


Route = Callable[[str], Answer]
"""Answers a request, whose `Accept` it is told."""


class Server:
    """Answers GET and HEAD at some paths, each request in a thread of its own."""

    def __init__(self, host: str, port: int, routes: Mapping[str, Route]) -> None:
        """Listen from now on. Raises OSError where that cannot be."""
        self._server = _Server(host, port, routes)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens; the port that it was given, if it asked for any."""
        host, port = map(str, self._server.server_address[:2])
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def close(self) -> None:
        """Listen no more; who is being answered is not waited for."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = _AT_ONCE

    def __init__(self, host: str, port: int, routes: Mapping[str, Route]) -> None:
        self.routes = routes
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        self.address_family = family
        super().__init__((str(address[0]), int(address[1])), _Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's, which asks the name server who we are.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = map(str, self.server_address[:2])  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """A client that went away or was too slow is nobody's concern."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _TIMEOUT_SECONDS
    server_version = "yange"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        route = self.server.routes.get(self.path.partition("?")[0])
        if route is None:
            self._send(_text(HTTPStatus.NOT_FOUND, "there is " + ", ".join(self.server.routes)))
            return
        try:
            answer = route(self.headers.get("Accept", ""))
        except Exception as error:  # noqa: BLE001 the next request may find things mended
            # Here, so that the server itself needs nothing.
            import structlog

            structlog.get_logger(__name__).exception("monitor_failed", path=self.path)
            answer = _text(HTTPStatus.INTERNAL_SERVER_ERROR, type(error).__name__)
        self._send(answer)

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self.do_GET()

    def _refuse(self) -> None:
        self._send(_text(HTTPStatus.METHOD_NOT_ALLOWED, "there is GET and HEAD"))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing: that somebody watches is no news."""


def _text(status: int, said: str) -> Answer:
    return Answer(status, "text/plain; charset=utf-8", f"{said}\n".encode())
