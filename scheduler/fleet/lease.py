"""The lease: a crawl has its hosts to itself, on whichever machine it is, for as long as it lives.

A key in Redis for each entry of the portal's hosts, by redis-py's Lock, renewed by a thread.
Whether it still holds is told by a clock of this machine's own, reckoned from before the renewal
was sent: a process that was frozen, or cut off, knows by itself that its time is over before
anybody else is let in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from redis import Redis
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from scheduler.fleet.hosts import meet

logger = structlog.get_logger(__name__)

_RENEWALS = 3
_KEYS_AT_ONCE = 1000
# It goes on while a machine sleeps, which the usual one does not everywhere.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock() -> float:
    """Seconds since some instant, never set back or forth, those asleep included."""
    return time.clock_gettime(_CLOCK)


class Lease:
    """Hosts, all of them or none, for whoever has the `token`.

    The same token may take it in one process and keep it in another. `hosts` are spelt as
    `hosts.keys_of` has them, and a key of Redis is `prefix` and one of these.
    """

    def __init__(
        self, client: Redis, prefix: str, hosts: Sequence[str], token: str, seconds: float
    ) -> None:
        self._prefix = prefix
        self._hosts = frozenset(hosts)
        self._client = client
        self._token = token
        self._seconds = seconds
        self._deadline = 0.0
        self._over = threading.Event()
        self._locks = []
        # In one order, or two that want the same could keep each other out for ever.
        for host in sorted(self._hosts):
            lock = Lock(client, prefix + host, timeout=seconds, blocking=False, thread_local=False)
            lock.local.token = token.encode()
            self._locks.append(lock)

    def holds(self) -> bool:
        """Whether nobody else can have it at this moment."""
        return clock() < self._deadline

    def take(self) -> bool:
        """Take it, unless somebody has any of it. Raises RedisError."""
        sent = clock()
        taken: list[Lock] = []
        is_new = False
        for lock in self._locks:
            if not self._has(lock):
                is_new = True
                if not lock.acquire(token=self._token):
                    _release(taken)
                    return False
            taken.append(lock)
        # Not before our own are there: of two that take what meets, one sees the other.
        if is_new and self._meets_others():
            _release(taken)
            return False
        self._deadline = sent + self._seconds
        return self.holds()

    def keep(self, is_handed_on: Callable[[], bool] = lambda: False) -> None:
        """Renew it from now on, from a thread, until `release` or until that comes too late.

        Whoever keeps it for another process leaves it to that one once it `is_handed_on`.
        """
        thread = threading.Thread(target=self._keep, args=[is_handed_on], name="lease", daemon=True)
        thread.start()

    def release(self) -> None:
        """Let go of it, so far as it is ours."""
        self._over.set()
        self._deadline = 0.0
        _release(self._locks)

    def _keep(self, is_handed_on: Callable[[], bool]) -> None:
        pause = self._seconds / _RENEWALS
        while not self._over.wait(pause) and not is_handed_on():
            try:
                is_kept = self._renewed()
                pause = self._seconds / _RENEWALS
            except RedisError as error:
                # There may be time for another try.
                is_kept = self.holds()
                pause = self._seconds / _RENEWALS / _RENEWALS
                logger.warning("lease_not_renewed", reason=str(error))
            if self._over.is_set():
                return
            if not is_kept:
                self._deadline = 0.0
                logger.error("lease_lost")
                return

    def _renewed(self) -> bool:
        until, sent = self._deadline, clock()
        # A Redis that came back without its data lets nobody new in for the time of a lease.
        if not all(self._has(lock) or lock.acquire(token=self._token) for lock in self._locks):
            return False
        if clock() >= until:
            return False  # whatever was renewed had been free for others in between
        if not self._over.is_set():
            self._deadline = sent + self._seconds
        return True

    def _meets_others(self) -> bool:
        """Whether somebody has a host that is one of ours and spelt otherwise."""
        keys = self._client.scan_iter(match=f"{self._prefix}*", count=_KEYS_AT_ONCE)
        there = {key.decode().removeprefix(self._prefix) for key in keys}
        return any(meet(mine, other) for other in there - self._hosts for mine in self._hosts)

    def _has(self, lock: Lock) -> bool:
        """Renew one of the keys; False if it is not ours, or not there."""
        try:
            lock.reacquire()
        except LockError:
            return False
        return True


def _release(locks: Sequence[Lock]) -> None:
    for lock in locks:
        # What cannot be given back comes to its end by itself.
        with suppress(LockError, RedisError):
            lock.release()
