"""Who may come in: whoever is at this machine, while nobody else can be; else who shows a token, or
whom a proxy vouches for. There is nothing in between.
"""

from __future__ import annotations

import base64
import binascii
from ipaddress import ip_address
from typing import NamedTuple

from starlette.requests import HTTPConnection

from archive.errors import ConfigurationError
from archive.room.guard import sessions
from archive.room.guard.tokens import Token, Tokens
from archive.room.settings import ProxySettings
from archive.room.sources import Sources

_OWNER = "owner"
# What a proxy adds: a request with one of them has come from further away than it seems.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class Admitted(NamedTuple):
    """Somebody who may come in, and by what: a name to tell them from others."""

    name: str


class Admission:
    """The rule at the door of one room. `is_loopback`: it listens where only this machine is."""

    def __init__(self, sources: Sources, *, is_loopback: bool) -> None:
        self.tokens = Tokens(sources.kept.seat)
        self._is_loopback = is_loopback
        self._proxy = sources.settings.trusted_proxy

    def check(self) -> None:
        """Refuse to open a room that others reach and nobody could be let into."""
        if not self._is_loopback and not self.tokens.all() and self._proxy is None:
            raise ConfigurationError(
                "other machines would reach the reading room at that address, and nothing would"
                " keep anybody out; make a token with `yange token NAME`, or name a proxy under"
                " room.trusted_proxy"
            )

    @property
    def is_open(self) -> bool:
        """Whether whoever is at this machine may come in without more.

        Once there is a token or a proxy, somebody means to keep others out, perhaps behind a proxy
        that this side cannot see.
        """
        return self._is_loopback and self._proxy is None and not self.tokens.all()

    def of(self, request: HTTPConnection) -> Admitted | None:
        """Whom a request comes from, if they may come in."""
        if self.is_open:
            return Admitted(_OWNER)
        name = self._vouched_for(request)
        if name is not None:
            return Admitted(f"proxy {name}")
        token = self._shown(request)
        return None if token is None else Admitted(f"token {token.name}")

    def client_of(self, request: HTTPConnection) -> str:
        """A name for whoever is asking, to count their requests by."""
        address = request.client.host if request.client else ""
        if self._proxy is not None and _is_from(self._proxy, address):
            last = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            address = last or address
        return _network(address)

    def refusal(self, request: HTTPConnection) -> str | None:
        """Why a request to an open room is not what it seems to be; None if it is.

        A page elsewhere can make a browser ask this machine by a name of its own (DNS rebinding),
        and a proxy in front would let anybody in.
        """
        if not self.is_open:
            return None
        if any(name in request.headers for name in _FORWARDED):
            return "a proxy is in front of this room; name it under room.trusted_proxy"
        if not is_loopback_name(_host_of(request.headers.get("host", ""))):
            return "this room is open to its own machine only, as localhost"
        return None

    def _vouched_for(self, request: HTTPConnection) -> str | None:
        if self._proxy is None or request.client is None:
            return None
        if not _is_from(self._proxy, request.client.host):
            return None
        named = request.headers.getlist(self._proxy.header)
        # Of two, one can be the visitor's own.
        return named[0].strip()[:200] or None if len(named) == 1 else None

    def _shown(self, request: HTTPConnection) -> Token | None:
        kind, _, credentials = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.tokens.holder(credentials.strip())
        if kind.lower() == "basic":
            # For feed readers, which know no other way: the token is the password.
            return self.tokens.holder(_password(credentials))
        cookie = request.cookies.get(sessions.COOKIE)
        return None if cookie is None else sessions.holder(cookie, self.tokens)


def is_loopback_name(host: str) -> bool:
    """Whether a host's name or address means this machine, whoever asks."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host_of(header: str) -> str:
    """The host of a Host header, without its port."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower().rstrip(".")


def _is_from(proxy: ProxySettings, address: str) -> bool:
    try:
        return ip_address(address) in proxy.network
    except ValueError:
        return False


def _network(address: str) -> str:
    """An address, or of IPv6 the network that one client can have all to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:100]
    return address if parsed.version == 4 else str(int(parsed) >> 64)


def _password(credentials: str) -> str:
    try:
        pair = base64.b64decode(credentials[:400], validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
