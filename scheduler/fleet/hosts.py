"""Which hosts a portal's crawls need to have to themselves: pure.

Two portals may have hosts in common without spelling them alike: `*.example.org` here and
`www.example.org` there. What both can reach is a key for both.
"""

from __future__ import annotations

from collections.abc import Mapping

from crawler.fence import HostEntry
from crawler.settings import PortalSettings


def keys_of(portal: str, portals: Mapping[str, PortalSettings]) -> list[str]:
    """The entries under `hosts` of a portal, and what they have in common with other portals'."""
    own = [HostEntry.parse(text) for text in portals[portal].hosts]
    others = [HostEntry.parse(text) for one in portals.values() for text in one.hosts]
    common = (_common(mine, other) for mine in own for other in others)
    return sorted({_spelt(entry) for entry in (*own, *common) if entry is not None})


def _common(one: HostEntry, other: HostEntry) -> HostEntry | None:
    """The hosts that both entries stand for, as an entry; None if there are none."""
    if one.port is not None and other.port is not None and one.port != other.port:
        return None
    port = other.port if one.port is None else one.port
    if not one.wildcard and not other.wildcard:
        return HostEntry(one.host, port, False) if one.host == other.host else None
    narrow, wide = (one, other) if _is_within(one, other) else (other, one)
    return HostEntry(narrow.host, port, narrow.wildcard) if _is_within(narrow, wide) else None


def _is_within(one: HostEntry, other: HostEntry) -> bool:
    if one.wildcard and other.wildcard:
        return one.host == other.host or other.matches(one.host)
    return other.matches(one.host) and not one.wildcard


def _spelt(entry: HostEntry) -> str:
    host = f"*.{entry.host}" if entry.wildcard else entry.host
    return host if entry.port is None else f"{host}|{entry.port}"
