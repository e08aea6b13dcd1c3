"""What the daemon does beside crawling: services, each started and stopped with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from scheduler.configuration import Configuration
from scheduler.monitor.service import Monitor
from scheduler.telling.notifier import Notifier

logger = structlog.get_logger(__name__)


class Service(Protocol):
    """Something that goes on for as long as the daemon runs by one configuration.

    When the configuration is read again, services are stopped and made anew from it. An exception
    is logged, and neither the daemon nor another service suffers from it.
    """

    def start(self) -> None:
        """Begin, and return at once: what takes time belongs in a thread of the service's own."""

    def run_ended(self, portal: str) -> None:
        """A crawl of `portal` has ended, and its run is closed.

        Called from the thread of the portal's lane, which waits: only note it and return.
        """

    def stop(self) -> None:
        """End within two seconds or so; may follow a `start` that failed, and come twice."""


class Services:
    """All services together."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._services = services

    def start(self) -> None:
        """Start each of them, in order."""
        for service in self._services:
            _call(service, service.start)

    def run_ended(self, portal: str) -> None:
        """Tell each of them that a crawl of `portal` has ended."""
        for service in self._services:
            _call(service, partial(service.run_ended, portal))

    def stop(self) -> None:
        """Stop each of them, in the opposite order."""
        for service in reversed(self._services):
            _call(service, service.stop)


def services_of(configuration: Configuration) -> Services:
    """The services that the daemon runs by a configuration."""
    services: list[Service] = [Monitor(configuration)]
    if configuration.settings.notify:
        services.append(Notifier(configuration))
    return Services(services)


def _call(service: Service, what: Callable[[], None]) -> None:
    try:
        what()
    except Exception:
        logger.exception("service_failed", service=type(service).__name__)
