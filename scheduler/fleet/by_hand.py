"""A crawl by hand where there is a fleet: it has its hosts to itself as any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from archive.errors import BusyError
from crawler.permit import Permit
from scheduler.fleet.broker import Broker
from scheduler.fleet.hosts import keys_of
from scheduler.settings import Settings


@contextmanager
def leased(settings: Settings, portal: str) -> Iterator[Permit]:
    """The lease of a portal's hosts while the context lasts.

    Raises BusyError while somebody else has any of them, and BrokerError.
    """
    assert settings.fleet is not None
    broker = Broker(settings.fleet)
    try:
        if not broker.has_been_up():
            raise BusyError(
                "Redis has only just come up, and may not know of every crawl that is under way;"
                f" try again in {settings.fleet.lease_seconds:g} s"
            )
        lease = broker.lease(keys_of(settings.portals[portal]), uuid4().hex)
        if not broker.told(lease.take):
            raise BusyError(f"hosts of {portal} are being crawled by the fleet; try again later")
        lease.keep()
        try:
            yield lease
        finally:
            lease.release()
    finally:
        broker.close()
