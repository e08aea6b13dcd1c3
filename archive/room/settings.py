"""The reading room's section of the configuration."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_BASE = re.compile(r"https?://[^\s/?#@]+/?")
_HEADER = re.compile(r"[A-Za-z0-9-]+")


def _base(text: str) -> str:
    if not _BASE.fullmatch(text):
        raise ValueError("should be a scheme and a host alone, such as https://room.example.org")
    return text.rstrip("/")


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError("should be an address such as 10.0.0.5, or a network") from error
    return text


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError("should be the name of a header, such as X-Remote-User")
    return name


class ProxySettings(BaseModel):
    """A proxy that lets people in on its own, and says whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Annotated[str, AfterValidator(_network)] = Field(
        description="Where the proxy's requests come from: an address, or a network."
    )
    header: Annotated[str, AfterValidator(_header)] = Field(
        description="The header in which it names whom it has let in; it must not pass on one "
        "that a visitor sent."
    )

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """`address` as a network, of one address perhaps."""
        return ip_network(self.address)


class RoomSettings(BaseModel):
    """Where the reading room is served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(
        default="127.0.0.1",
        description="The address that `serve` listens at; other than loopback it takes a token, "
        "or a proxy.",
    )
    port: int = Field(
        default=8460, ge=0, le=65535, description="The port that `serve` listens at; 0 for any."
    )
    url: Annotated[str, AfterValidator(_base)] | None = Field(
        default=None,
        description="The address at which people reach the reading room, where it is another one.",
    )
    trusted_proxy: ProxySettings | None = Field(
        default=None,
        description="A proxy that lets people in on its own and names them in a header.",
    )
    asks_a_minute: int = Field(
        default=600,
        ge=1,
        le=1_000_000,
        description="Searches, comparisons and downloads that one client may ask for in a minute.",
    )
