"""What lies in the store for an order: the order, its attempts, their spools, and the delivery."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

from archive.errors import YangeError
from scheduler.fleet.store import NotStoredError, Store, TakenError


class DamagedError(YangeError):
    """What lies in the store is not what was put there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an order ended: with a spool, or with `failure`, a sentence, in place of one.

    `why` is what the crawl was asked to leave for, if it was; `handed_on` whether only its worker
    was to end, so that the rest is for another. `late` says that the portal's window had closed
    before it could begin.
    """

    attempt: str
    worker: str
    spool: str | None = None
    size: int = 0
    sha256: str = ""
    why: str | None = None
    handed_on: bool = False
    late: bool = False
    failure: str | None = None
    seconds: float = 0.0
    peak_memory: int = 0


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of one order. Raises StoreError wherever the store fails."""

    store: Store
    daemon: str
    order: str

    @property
    def _folder(self) -> str:
        return f"{self.daemon}/orders/{self.order}"

    @property
    def _delivery(self) -> str:
        return f"{self.daemon}/delivered/{self.order}"

    # --- what the daemon does ------------------------------------------------------------------

    def put_order(self, path: Path) -> None:
        """Store the order file."""
        self.store.upload(f"{self._folder}/order", path)

    def attempts(self) -> int:
        """How often it has been begun."""
        return sum(1 for _ in self.store.names(f"{self._folder}/attempts"))

    def get_spool(self, delivery: Delivery, path: Path) -> None:
        """Fetch the spool that was delivered. Raises DamagedError where it is not that one."""
        assert delivery.spool is not None
        try:
            self.store.download(f"{self._folder}/spools/{delivery.spool}", path)
        except NotStoredError as error:
            raise DamagedError(f"the spool of order {self.order} is not there any more") from error
        if digest(path) != delivery.sha256:
            raise DamagedError(f"the spool of order {self.order} is not what was delivered")

    def take_back(self) -> None:
        """Remove a delivery, for the order to be carried out again."""
        self.store.remove([self._delivery])
        self.store.remove_below(f"{self._folder}/spools")

    def remove(self) -> None:
        """Remove all of them: the order is closed."""
        # Whoever still works on it finds no order, and delivers nothing.
        self.store.remove([f"{self._folder}/order", self._delivery])
        self.store.remove_below(self._folder)

    # --- what a worker does --------------------------------------------------------------------

    def is_open(self) -> bool:
        """Whether the order is still to be carried out."""
        names = {one.name for one in self.store.names(self._folder)}
        return f"{self._folder}/order" in names and self.delivery() is None

    def get_order(self, path: Path, sha256: str) -> None:
        """Fetch the order file. Raises NotStoredError, and DamagedError for another file."""
        self.store.download(f"{self._folder}/order", path)
        if digest(path) != sha256:
            raise DamagedError(f"the file of order {self.order} is not what was published")

    def begin(self, attempt: str, worker: str) -> None:
        """Note that it is begun."""
        told = {"worker": worker}
        self.store.create(f"{self._folder}/attempts/{attempt}", orjson.dumps(told))

    def give_back(self, attempt: str) -> None:
        """An attempt does not count: it ended through no fault of the order's."""
        self.store.remove([f"{self._folder}/attempts/{attempt}"])

    def put_spool(self, attempt: str, path: Path) -> None:
        """Store a spool, which counts for nothing before it is delivered."""
        self.store.upload(f"{self._folder}/spools/{attempt}", path)

    def deliver(self, delivery: Delivery) -> None:
        """Say how it ended, once for all: a later delivery is none."""
        try:
            self.store.create(self._delivery, orjson.dumps(asdict(delivery)))
        except TakenError:
            self.store.remove([f"{self._folder}/spools/{delivery.attempt}"])

    def delivery(self) -> Delivery | None:
        """How it ended; None if it has not."""
        try:
            return Delivery(**orjson.loads(self.store.read(self._delivery)))
        except NotStoredError:
            return None
        except (ValueError, TypeError) as error:
            raise DamagedError(f"what was delivered for order {self.order} is damaged") from error


class Lying(NamedTuple):
    """What lies in the store for an order: bytes of spools, and how often it was begun."""

    spool_bytes: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that lies in the store for one daemon."""

    store: Store
    daemon: str

    def papers(self, order: str) -> Papers:
        """The papers of an order."""
        return Papers(self.store, self.daemon, order)

    def delivered(self) -> set[str]:
        """The orders that something was delivered for, and that are not closed."""
        return {one.name.rpartition("/")[2] for one in self.store.names(f"{self.daemon}/delivered")}

    def lying(self) -> dict[str, Lying]:
        """The orders of which anything lies there, and what."""
        found: dict[str, Lying] = {}
        for one in self.store.names(f"{self.daemon}/orders"):
            _, order, kind, *_ = one.name.removeprefix(f"{self.daemon}/").split("/")
            before = found.get(order, Lying(0, 0))
            found[order] = Lying(
                before.spool_bytes + (one.size if kind == "spools" else 0),
                before.attempts + (kind == "attempts"),
            )
        return found

    def free_megabytes(self) -> float | None:
        """What is free on a shared folder's disk."""
        return self.store.free_megabytes()


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
