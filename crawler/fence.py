"""The fence: which addresses a crawl may ask (R19). Pure: nothing is resolved or fetched here.

Everything that leads the crawler somewhere passes through it: columns, rows of lists, pagers,
redirects, attachments, robots.txt. What a name resolves to is judged at the same place, by
`refusal_of_address`, so that a name inside the fence cannot lead into a private network.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
# The last label of 127.1, 2130706433 or 0x7f.1: what the C library would read as an IPv4 address.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# A name has 253 characters at most (RFC 1035, 2.3.4), more where it is not in ASCII yet, a port 5.
_LONGEST_AUTHORITY = 1000
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]@]*\]|[^\[\]:@]*)(?::(?P<port>[0-9]{0,5}))?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a URL leads: a host in its one spelling, and a port.

    `host` is lower case, in ASCII (IDNA) and without a trailing dot; an address is in its
    shortest spelling, without brackets, an IPv4 address never inside an IPv6 one.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def origin_of(url: str) -> Origin:
    """The origin of an http or https URL; ValueError says why there is none."""
    parts = urlsplit(url)
    if len(parts.netloc) > _LONGEST_AUTHORITY:
        raise ValueError("it is not a host name")
    return _origin(parts.scheme, parts.netloc)


@lru_cache(maxsize=1024)
def _origin(scheme: str, authority: str) -> Origin:
    # Every request asks several times for the origin of one of few hosts.
    if scheme not in _DEFAULT_PORTS:
        raise ValueError("not an http or https address")
    if "@" in authority:
        raise ValueError("an address with user information")
    host, port = _host_and_port(authority)
    return Origin(normal_host(host), _DEFAULT_PORTS[scheme] if port is None else port)


@dataclass(frozen=True, slots=True)
class HostEntry:
    """One entry of a portal's `hosts`: a name, `*.name` for its subdomains, or an address.

    `port` is None where the entry carries none.
    """

    host: str
    port: int | None
    wildcard: bool

    @classmethod
    def parse(cls, text: str) -> HostEntry:
        """The entry as written in the configuration; ValueError says what would be right."""
        if "/" in text:
            raise ValueError(
                f"{text!r} is not a host: give the name alone, without http:// or path"
            )
        wildcard = text.startswith("*.")
        rest = text.removeprefix("*.")
        try:
            host, port = (text, None) if _is_ipv6(text) else _host_and_port(rest)
            entry = cls(normal_host(host), port, wildcard)
        except ValueError as error:
            raise ValueError(
                f"{text!r} is not a host ({error}); right would be a name such as "
                "www.example.org, *.example.org or 192.0.2.1, with a port if need be (:8080)"
            ) from error
        if wildcard and _address(entry.host):
            raise ValueError(f"{text!r}: *. stands before a name, never before an address")
        return entry

    def matches(self, host: str) -> bool:
        """Whether a host, spelt as an origin spells it, is this entry's."""
        if self.wildcard:
            return host.endswith(f".{self.host}") and not _address(host)
        return host == self.host


class Fence:
    """The hosts that a portal's crawls keep to.

    `hosts` are entries as configured, `columns` the URLs of the configured columns, whose ports
    count for every entry without one. ValueError where an entry or a URL cannot be read.
    """

    def __init__(self, hosts: Iterable[str], columns: Iterable[str] = ()) -> None:
        self._entries = tuple(HostEntry.parse(host) for host in hosts)
        self._ports = {*_DEFAULT_PORTS.values(), *(origin_of(url).port for url in columns)}

    def allows(self, url: str) -> bool:
        """Whether the crawler may ask this URL."""
        return self.refusal(url) is None

    def refusal(self, url: str) -> str | None:
        """Why the crawler may not ask this URL, in a few words; None if it may."""
        try:
            origin = origin_of(url)
        except ValueError as error:
            return str(error)
        entries = [entry for entry in self._entries if entry.matches(origin.host)]
        if not entries:
            return f"{origin.host} is none of the portal's hosts"
        if not any(self._covers(entry, origin.port) for entry in entries):
            return f"port {origin.port} of {origin.host} is none of the portal's"
        return None

    def refusal_of_address(self, host: str, address: str, port: int) -> str | None:
        """Why a connection to `host` may not go to the `address` it resolves to; None if it may.

        A public address may be reached under any name. One that is private, loopback, link-local
        or otherwise not for the public only if `hosts` names it, with this port or with none; a
        `localhost` in `hosts` names the loopback addresses.
        """
        target = _unmapped(ipaddress.ip_address(address))
        if _is_public(target):
            return None
        for entry in self._entries:
            if entry.host == str(target) and self._covers(entry, port):
                return None
            if target.is_loopback and entry.matches(host) and _is_localhost(host):
                return None
        return f"{host} leads to {target}, an address that is not public and not in hosts"

    def _covers(self, entry: HostEntry, port: int) -> bool:
        return port in self._ports if entry.port is None else port == entry.port


def _host_and_port(authority: str) -> tuple[str, int | None]:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise ValueError("it is not spelt as host or host:port")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 1 <= port <= 65535:
        raise ValueError("its port is not between 1 and 65535")
    return match["host"], port


def normal_host(host: str) -> str:
    """The one spelling of a host, as an Origin has it; ValueError where resolvers might differ."""
    if host.startswith("["):
        return str(_unmapped(IPv6Address(host[1:-1])))
    if _is_ipv6(host):
        return str(_unmapped(IPv6Address(host)))
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise ValueError("it is not a host name") from error
    if address := _address(name):
        return str(address)
    if not _NAME.fullmatch(name):
        raise ValueError("it is not a host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise ValueError("it is an address in an unusual spelling")
    return name


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_ipv6(host: str) -> bool:
    return isinstance(_address(host), IPv6Address)


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that a connection really goes to: ::ffff:127.0.0.1 is 127.0.0.1."""
    return getattr(address, "ipv4_mapped", None) or address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and (address.sixtofour or address.teredo):
        # Tunnels whose far end, an IPv4 address inside this one, may be anything.
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _is_localhost(host: str) -> bool:
    """Whether a name is one that always means this machine (RFC 6761, 6.3)."""
    return host == "localhost" or host.endswith(".localhost")
