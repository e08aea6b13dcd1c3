"""Which hosts a portal's crawls need to have to themselves, and when two of these meet: pure.

Two portals may have hosts in common without spelling them alike: `*.example.org` here and
`www.example.org` there, perhaps in the configurations of two daemons.
"""

from __future__ import annotations

from crawler.fence import HostEntry
from crawler.settings import PortalSettings


def keys_of(portal: PortalSettings) -> list[str]:
    """The entries under a portal's `hosts`, spelt as names of leases."""
    return sorted({_spelt(HostEntry.parse(text)) for text in portal.hosts})


def meet(one: str, other: str) -> bool:
    """Whether there is a host that both of these names stand for."""
    mine, his = _read(one), _read(other)
    if mine.port is not None and his.port is not None and mine.port != his.port:
        return False
    return _is_within(mine, his) or _is_within(his, mine)


def _is_within(one: HostEntry, other: HostEntry) -> bool:
    if one.wildcard:
        return other.wildcard and (one.host == other.host or other.matches(one.host))
    return other.matches(one.host)


def _spelt(entry: HostEntry) -> str:
    host = f"*.{entry.host}" if entry.wildcard else entry.host
    return host if entry.port is None else f"{host}|{entry.port}"


def _read(name: str) -> HostEntry:
    host, _, port = name.partition("|")
    return HostEntry(host.removeprefix("*."), int(port) if port else None, host.startswith("*."))
