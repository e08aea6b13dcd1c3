"""The section `fleet`: where orders are published, and how those who carry them out behave."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]+(?:/[^\s?#]*)?")


def _broker(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError("should be the address of a Redis, such as redis://10.0.0.5:6379/0")
    return text


def _spools(text: str) -> str:
    if text.startswith("s3:"):
        if not _BUCKET.fullmatch(text):
            raise ValueError("should be s3://BUCKET or s3://BUCKET/PREFIX")
    elif "://" in text or not text.strip():
        raise ValueError("should be a folder's path, or s3://BUCKET/PREFIX")
    return text


def _endpoint(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+/?", text):
        raise ValueError("should be an http or https address without a path or a password")
    return text.rstrip("/")


def _queue(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("should be one simple word of letters, digits, - and _")
    return text


class FleetSettings(BaseModel):
    """Crawls on other machines: the broker, the store for orders and spools, and the bounds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    broker: Annotated[str, AfterValidator(_broker)] = Field(
        repr=False,
        description="The Redis that orders are published in, as redis://:PASSWORD@HOST:PORT/NUMBER "
        "or, encrypted, rediss://….",
    )
    spools: Annotated[str, AfterValidator(_spools)] = Field(
        description="Where orders and spools lie: a folder that all machines share, relative to "
        "the configuration file's folder, or s3://BUCKET/PREFIX.",
    )
    endpoint: Annotated[str, AfterValidator(_endpoint)] | None = Field(
        default=None,
        description="The address of the S3-compatible store; without it, Amazon's.",
    )
    region: str | None = Field(
        default=None, description="The store's region; without it, as the environment says."
    )
    access_key: str | None = Field(
        default=None,
        repr=False,
        description="The name under which the store knows us; without it, AWS_ACCESS_KEY_ID or "
        "the machine's own role.",
    )
    secret_key: str | None = Field(
        default=None, repr=False, description="The secret that belongs to `access_key`."
    )
    queue: Annotated[str, AfterValidator(_queue)] = Field(
        default="yange",
        description="What names of queues and leases in Redis begin with, the same on all "
        "machines.",
    )
    lease_seconds: float = Field(
        default=30.0,
        ge=1,
        le=3600,
        description="How long a crawl has its hosts to itself before it must have renewed that; "
        "one that cannot, stops.",
    )
    redelivery_seconds: float = Field(
        default=120.0,
        ge=2,
        le=86400,
        description="How long after an order was taken it is offered again, in case whoever took "
        "it is gone.",
    )
    attempts: int = Field(
        default=3,
        ge=1,
        le=100,
        description="How often an order is begun, at most, before its run is entered as failed.",
    )
    open_orders: int = Field(
        default=200,
        ge=1,
        le=10000,
        description="Orders that are published and not ingested yet, at most; others wait.",
    )
    waiting_spools: int = Field(
        default=100,
        ge=1,
        le=100000,
        description="Spools that wait to be ingested, at most, before publishing pauses.",
    )
    waiting_megabytes: int = Field(
        default=20480,
        ge=1,
        description="What these may amount to in megabytes before publishing pauses.",
    )
    free_megabytes: int = Field(
        default=512,
        ge=0,
        description="The free space below which a shared folder pauses publishing, and a worker's "
        "own disk keeps it from beginning a crawl.",
    )
    poll_seconds: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        description="Seconds between two looks for spools that have arrived.",
    )
    crawls: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Crawls under way at once on a worker's machine; without it, one a core.",
    )
    folder: Path | None = Field(
        default=None,
        description="Where a worker keeps an order and its spool while it crawls; without it, in "
        "the system's folder for temporary files.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key go together")
        if not self.is_bucket and (self.endpoint or self.access_key or self.region):
            raise ValueError("endpoint, region and keys go with spools in s3://…, not in a folder")
        return self

    @property
    def is_bucket(self) -> bool:
        """Whether orders and spools lie in an S3-compatible store."""
        return self.spools.startswith("s3://")

    @property
    def patience_seconds(self) -> float:
        """After how long an order whose hosts are busy is tried again."""
        # Below redelivery, or the message that waits would be redelivered while it does.
        return min(self.lease_seconds, self.redelivery_seconds / 2)

    def anchored(self, folder: Path) -> Self:
        """The same with paths made absolute, starting from `folder`."""
        update: dict[str, object] = {}
        if not self.is_bucket:
            update["spools"] = str(folder / Path(self.spools).expanduser())
        if self.folder is not None:
            update["folder"] = folder / self.folder.expanduser()
        return self.model_copy(update=update)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen: the password in the broker's address, and the store's keys."""
        password = urlsplit(self.broker).password
        return tuple(one for one in (password, self.access_key, self.secret_key) if one)
