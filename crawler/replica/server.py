"""A real web site on a loopback port, whose every answer, fault and request is at hand.

`LoopbackSite` serves what a callable answers; `Pages` is the simplest such callable.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from crawler.replica.answers import (
    Answer,
    Drip,
    Drop,
    Hang,
    Pages,
    Request,
    Unmeasured,
    is_known_to,
)

__all__ = [
    "ADDRESS",
    "Answer",
    "Drip",
    "Drop",
    "Hang",
    "LoopbackSite",
    "Pages",
    "Request",
    "Unmeasured",
]

ADDRESS = "127.0.0.1"
_POLL_SECONDS = 0.05


class LoopbackSite:
    """A site on 127.0.0.1, running in a thread of its own for as long as the context lasts.

    `answer` is called for every GET and HEAD, from several threads at once. Port 0 takes any
    free port.
    """

    def __init__(self, answer: Callable[[Request], Answer], port: int = 0) -> None:
        self.answer = answer
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server = _Server(port, self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )

    @property
    def port(self) -> int:
        """The port that the site listens on."""
        return int(self._server.server_address[1])

    @property
    def requests(self) -> list[Request]:
        """All requests since the start or the last `clear_requests`, in order of arrival."""
        with self._lock:
            return list(self._requests)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()

    def url(self, path: str = "/", host: str = ADDRESS) -> str:
        """The full address of a path; `host` may be `localhost` as well."""
        return f"http://{host}:{self.port}{path}"

    def note(self, request: Request) -> None:
        """Remember a request."""
        with self._lock:
            self._requests.append(request)

    def start(self) -> None:
        """Begin to serve. Requests that came since construction have been waiting."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving and end every open connection, hanging ones included."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.end_conversations()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 256

    def __init__(self, port: int, site: LoopbackSite) -> None:
        self.site = site
        self.closing = threading.Event()
        self._conversations: dict[Any, threading.Thread] = {}
        self._lock = threading.Lock()
        super().__init__((ADDRESS, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own would look the address up in the DNS, which can take seconds.
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        # The mix-in forgets daemon threads; closing cleanly needs each with its socket.
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._conversations[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        super().shutdown_request(request)
        with self._lock:
            self._conversations.pop(request, None)

    def end_conversations(self) -> None:
        """Wake every handler, idle on a kept connection or hanging, and wait for its end."""
        self.closing.set()
        with self._lock:
            open_now = list(self._conversations.items())
        for connection, thread in open_now:
            with suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        # A client that hangs up is everyday life; anything else is a fault of the site's owner.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        request = Request(
            host=self.headers.get("Host", "").lower(),
            path=self.path,
            method=self.command,
            headers=self.headers,
            monotonic=time.monotonic(),
            received_at=datetime.now(UTC),
            connection=int(self.client_address[1]),
        )
        site = self.server.site
        site.note(request)
        answer = site.answer(request)
        self._send(Answer(304, answer.headers) if is_known_to(request, answer) else answer)

    do_HEAD = do_GET  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if isinstance(answer.then, Hang):
            while not (answer.then.released.wait(_POLL_SECONDS) or self.server.closing.is_set()):
                pass
        if answer.then == Drop(None):
            self.close_connection = True
            return
        head = self._head(answer)
        body = b"" if self.command == "HEAD" or answer.status == 304 else answer.body
        match answer.then:
            case Drop(sent):
                self.wfile.write(head + body[:sent])
                self.close_connection = True
            case Unmeasured(sent):
                self.wfile.write(head + body[:sent])
            case Drip(size, interval):
                self.wfile.write(head)
                for start in range(0, len(body), size):
                    if start and self.server.closing.wait(interval):
                        break
                    self.wfile.write(body[start : start + size])
            case _:
                self.wfile.write(head + body)  # one write, one packet where it fits

    def _head(self, answer: Answer) -> bytes:
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:  # firewalls invent their own, such as 521
            phrase = "Unknown"
        headers = {"Date": self.date_time_string(), **answer.headers}
        if answer.status == 304:
            headers.pop("Content-Length", None)
        elif isinstance(answer.then, Unmeasured):
            self.close_connection = True
        else:
            length = str(len(answer.body))
            if headers.setdefault("Content-Length", length) != length:
                self.close_connection = True  # where the next answer begins nobody could tell
        lines = [f"HTTP/1.1 {answer.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the site's owner reads `LoopbackSite.requests`."""
