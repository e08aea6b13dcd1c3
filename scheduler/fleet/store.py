"""The store: files under names, in a shared folder or in an S3-compatible bucket.

By obstore, so that a name is seen only once the whole file is there, in either.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from archive.errors import YangeError
from archive.folders import sync_folder
from scheduler.fleet.settings import FleetSettings

if TYPE_CHECKING:
    from obstore.store import S3Config

_MEGABYTE = 1_000_000
# The store is asked again by whoever asked; what is waited for here is a hiccup.
_RETRY = timedelta(seconds=20)
_MOST_RETRIES = 3
# For one request, which carries one part of a file at most.
_TIMEOUT = timedelta(minutes=5)
_CONNECT_TIMEOUT = timedelta(seconds=5)
# S3 takes 10,000 parts at most: of this size they hold 160 GB.
_PART = 16 * 1024 * 1024
_PARTS_AT_ONCE = 4


class StoreError(YangeError):
    """The store cannot be reached, or does not do what it is asked."""


class NotStoredError(YangeError):
    """Nothing is stored under that name."""


class TakenError(YangeError):
    """Something is stored under that name already."""


class Stored(NamedTuple):
    """A file that is there: its name and its bytes."""

    name: str
    size: int


class Store:
    """Where orders and spools lie. Names are relative paths with `/`. Any thread may use it."""

    def __init__(self, settings: FleetSettings) -> None:
        """Raises StoreError where there is no such folder: one that is not mounted is not made."""
        self.where = settings.spools
        self.folder = None if settings.is_bucket else Path(settings.spools)
        self._store: LocalStore | S3Store
        with self._told():
            if self.folder is None:
                self._store = _bucket(settings)
            else:
                self._store = LocalStore(self.folder)

    def create(self, name: str, content: bytes) -> None:
        """Store a small file under a name that nothing has; raises TakenError if something has."""
        with self._told():
            try:
                obstore.put(self._store, name, content, mode="create")
            except AlreadyExistsError:
                raise TakenError(f"{name} is there already") from None
        self._sync(name)

    def upload(self, name: str, path: Path) -> None:
        """Store a file of any size, under a name that nobody else uses."""
        with self._told():
            obstore.put(self._store, name, path, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
        self._sync(name)

    def read(self, name: str) -> bytes:
        """A small file; raises NotStoredError where there is none."""
        with self._told(name):
            return bytes(obstore.get(self._store, name).bytes())

    def download(self, name: str, path: Path) -> None:
        """Copy a file of any size to `path`; raises NotStoredError where there is none."""
        with self._told(name):
            pieces = obstore.get(self._store, name).stream(min_chunk_size=_PART)
            with path.open("wb") as file:
                for piece in pieces:
                    file.write(piece)

    def names(self, prefix: str) -> Iterator[Stored]:
        """What is stored below a folder of the store."""
        with self._told():
            for batch in obstore.list(self._store, prefix, chunk_size=1000):
                for one in batch:
                    yield Stored(one["path"], one["size"])

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are not there are no matter."""
        for name in names:
            with self._told(), suppress(FileNotFoundError):
                obstore.delete(self._store, name)

    def remove_below(self, prefix: str) -> None:
        """Remove all below a folder of the store, and what broken uploads left there."""
        self.remove([one.name for one in self.names(prefix)])
        if self.folder is not None:
            # A folder is no part of the store's idea of the world, nor is a file half-written.
            shutil.rmtree(self.folder / prefix, ignore_errors=True)

    def free_megabytes(self) -> float | None:
        """What is free on a shared folder's disk; a bucket has no bounds that we could see."""
        if self.folder is None:
            return None
        with self._told():
            return shutil.disk_usage(self.folder).free / _MEGABYTE

    def _sync(self, name: str) -> None:
        """Have it survive a power cut; a bucket sees to that itself."""
        if self.folder is None:
            return
        path = self.folder / name
        with self._told():
            with path.open("rb") as file:
                os.fsync(file.fileno())
            sync_folder(path.parent)

    @contextmanager
    def _told(self, name: str | None = None) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            if name is not None and isinstance(error, FileNotFoundError):
                raise NotStoredError(f"{self.where} has no {name}") from error
            # What follows the first line is for those who know obstore's own code.
            reason = str(error).strip().partition("\n")[0]
            raise StoreError(f"{self.where} cannot be used: {reason}") from error


def _bucket(settings: FleetSettings) -> S3Store:
    bucket, _, prefix = settings.spools.removeprefix("s3://").partition("/")
    told: S3Config = {}
    if settings.endpoint is not None:
        told["endpoint"] = settings.endpoint
    if settings.region is not None:
        told["region"] = settings.region
    if settings.access_key is not None and settings.secret_key is not None:
        told["access_key_id"] = settings.access_key
        told["secret_access_key"] = settings.secret_key
    return S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        config=told,
        client_options={
            "allow_http": True,
            "connect_timeout": _CONNECT_TIMEOUT,
            "timeout": _TIMEOUT,
        },
        retry_config={"max_retries": _MOST_RETRIES, "retry_timeout": _RETRY},
        # Not all that call themselves compatible have the other way.
        disable_bulk_delete=True,
    )
