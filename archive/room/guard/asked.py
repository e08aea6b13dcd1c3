"""Who asks at an address: a person's browser, a program, or whatever reads feeds."""

from __future__ import annotations

import re

_FEEDS = ("/feed.atom", "/feed.json", "/calendar.ics")
_BELOW_A_PORTAL = re.compile(r"/portals/[^/]+(?=/)")


def is_for_programs(path: str) -> bool:
    """Whether the API is there, or what describes it: failures are told as problem details."""
    bare = _bare(path)
    return bare == "/api" or bare.startswith("/api/") or path == "/openapi.json"


def is_a_feed(path: str) -> bool:
    """Whether a feed is there, whose readers know no other login than HTTP Basic."""
    return _bare(path) in _FEEDS


def _bare(path: str) -> str:
    """A path without the portal below which it is, if it is below one."""
    return _BELOW_A_PORTAL.sub("", path, count=1) if path.startswith("/portals/") else path
