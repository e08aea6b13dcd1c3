"""The broker: the Redis that orders are published in and leases are held in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from archive.errors import YangeError
from scheduler.fleet.lease import Lease
from scheduler.fleet.settings import FleetSettings
from scheduler.fleet.ticket import Ticket

_T = TypeVar("_T")

_CONNECT_SECONDS = 5.0
_MOST_WAITED = 10.0


class BrokerError(YangeError):
    """The broker cannot be reached, or does not do what it is asked."""


class Broker:
    """What is asked of Redis beside what Celery does with it. Any thread may use it."""

    def __init__(self, settings: FleetSettings) -> None:
        self._settings = settings
        self._prefix = settings.queue
        self.where = _shown(settings.broker)
        # An answer that comes after a third of a lease is worth nothing to whoever renews it.
        patience = min(settings.lease_seconds / 3, _MOST_WAITED)
        self._client = Redis.from_url(
            settings.broker,
            socket_timeout=patience,
            socket_connect_timeout=min(patience, _CONNECT_SECONDS),
            # Whoever asks knows best when to ask again.
            retry=Retry(NoBackoff(), 0),
        )

    def lease(self, hosts: Sequence[str], token: str) -> Lease:
        """The lease of these hosts, spelt as `hosts.keys_of` has them."""
        prefix = f"{self._prefix}:host:"
        return Lease(self._client, prefix, hosts, token, self._settings.lease_seconds)

    def has_been_up(self) -> bool:
        """Whether Redis has been up for the time of a lease.

        One that has not may have forgotten leases that crawls still rely on. Raises BrokerError.
        """
        up = self.told(lambda: self._client.info("server")["uptime_in_seconds"])
        return float(up) > self._settings.lease_seconds

    def may_lease(self, daemon: str) -> bool:
        """Whether Redis knows by now of every lease there is.

        Not while it has only just come up, nor before the daemon has seen that it lost its data.
        Raises BrokerError.
        """
        return self.has_been_up() and self.knows(daemon)

    def knows(self, daemon: str) -> bool:
        """Whether Redis still has what the daemon left there. Raises BrokerError."""
        return bool(self.told(lambda: self._client.exists(self._sign(daemon))))

    def remember(self, daemon: str) -> None:
        """Leave a sign there by which loss of data is noticed. Raises BrokerError."""
        self.told(lambda: self._client.set(self._sign(daemon), b"1"))

    def is_leased(self, hosts: Sequence[str]) -> bool:
        """Whether anybody has any of these hosts. Raises BrokerError."""
        keys = [f"{self._prefix}:host:{host}" for host in hosts]
        return bool(self.told(lambda: self._client.exists(*keys)))

    def has_nothing_queued(self, ticket: Ticket) -> bool:
        """Whether no message waits where the order was published. Raises BrokerError."""
        return not self.told(lambda: self._client.llen(f"{self._prefix}:{ticket.queue}"))

    def weaknesses(self) -> list[str]:
        """What about its set-up lets it lose orders, in sentences. Raises BrokerError."""
        persistence = self.told(lambda: self._client.info("persistence"))
        memory = self.told(lambda: self._client.info("memory"))
        found = []
        if not persistence.get("aof_enabled"):
            found.append("it keeps no append-only file, so a restart loses orders and leases")
        if memory.get("maxmemory_policy", "noeviction") != "noeviction":
            found.append("its maxmemory-policy is not noeviction, so it may drop orders and leases")
        return found

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _sign(self, daemon: str) -> str:
        return f"{self._prefix}:daemon:{daemon}"

    def told(self, ask: Callable[[], _T]) -> _T:
        """What is asked of Redis, or a BrokerError that says why it does not answer."""
        try:
            return ask()
        except (RedisError, OSError) as error:
            raise BrokerError(f"the broker {self.where} cannot be used: {error}") from error


def _shown(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}{parts.path}"
