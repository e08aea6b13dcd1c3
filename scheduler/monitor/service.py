"""The monitor as a service of the daemon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

import orjson
import structlog

from scheduler.configuration import Configuration
from scheduler.listening import is_loopback, read_address
from scheduler.monitor.health import health
from scheduler.monitor.observer import Observer
from scheduler.monitor.server import Answer, Server
from scheduler.standing import Standing, look

_log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Monitor:
    """Answers `/health`, `/health/live` and `/metrics` while the daemon runs, if that is wanted.

    Where the address cannot be listened at, the daemon crawls all the same and logs an error: that
    nobody answers is what those who watch notice first.
    """

    def __init__(self, configuration: Configuration, now: Callable[[], datetime] = _now) -> None:
        """`now` tells the time that jobs are judged at."""
        self._settings = configuration.settings
        self._observer = Observer(partial(self._look, now))
        self._server: Server | None = None

    def start(self) -> None:
        """Listen, where `monitor.listen` says so."""
        listen = self._settings.monitor.listen
        if listen is None:
            return
        host, port = read_address(listen)
        try:
            self._server = Server(
                host,
                port,
                {
                    "/health": self._health,
                    "/health/live": self._live,
                    "/metrics": self._metrics,
                },
            )
        except OSError as error:
            _log.error("monitor_not_started", address=listen, reason=error.strerror)
            return
        _log.info("monitor_started", address=self._server.address)
        if not is_loopback(host):
            _log.warning(
                "monitor_exposed",
                address=self._server.address,
                reason="it is no loopback address: other machines can read what is there",
            )

    def run_ended(self, portal: str) -> None:
        """Nothing: who asks next sees it."""

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def address(self) -> str | None:
        """Where it listens, if it does."""
        return None if self._server is None else self._server.address

    def _look(self, now: Callable[[], datetime]) -> Standing:
        return look(self._settings, now().astimezone(self._settings.zone))

    def _health(self, _accept: str) -> Answer:
        told = health(self._observer.observe(), self._settings.monitor)
        status = HTTPStatus.SERVICE_UNAVAILABLE if told["reasons"] else HTTPStatus.OK
        body = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return Answer(status, "application/json", body)

    def _live(self, _accept: str) -> Answer:
        """That somebody answers is all there is to know."""
        return Answer(HTTPStatus.OK, "application/json", b'{"live": true}\n')

    def _metrics(self, accept: str) -> Answer:
        # Here, since a daemon that nobody watches has no need of it.
        from scheduler.monitor.metrics import exposition

        body, content_type = exposition(self._observer.observe(), self._settings, accept)
        return Answer(HTTPStatus.OK, content_type, body)
