"""Locations: when two URLs are one place (R5)."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from archive.errors import YangeError

_STATIC_PAGES = (".html", ".htm", ".shtml")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[0-9a-z._-]+|[0-9a-f:.]+(?:%[0-9a-z._~-]+)?")
# Parameters that tell a site where its visitor came from; no page depends on them.
_TRACKING = ("spm", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


class NotALocationError(YangeError, ValueError):
    """A string that is no http or https address."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url!r} is not an http or https address")
        self.url = url


@lru_cache(maxsize=4096)
def location_key(url: str) -> str:
    """The one spelling under which a location is known, without its scheme.

    `//host[:port]/path[?query]`: http and https are one and their default ports are dropped, the
    host is lower case, percent-encoding is uniform, there is no fragment, and no query on a static
    page; elsewhere the query's order does not matter and parameters that only track or bust caches
    are dropped. Raises NotALocationError.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
            raise NotALocationError(url)
        plain = parts._replace(path=_without_dots(parts.path), fragment="").geturl()
        # remove=True turns the cleaner round: it drops what is named and keeps the rest.
        canonical = urlsplit(
            canonicalize_url(url_query_cleaner(plain, _TRACKING, remove=True, unique=False))
        )
    except (ValueError, UnicodeError) as error:
        raise NotALocationError(url) from error
    query = "" if canonical.path.lower().endswith(_STATIC_PAGES) else canonical.query
    authority = f"[{host}]" if ":" in host else host
    if port not in (None, *_DEFAULT_PORTS.values()):
        authority += f":{port}"
    return f"//{authority}{canonical.path or '/'}{'?' + query if query else ''}"


def location_url(url: str) -> str:
    """The address to ask for and to show: as given, without what is no part of a location.

    Raises NotALocationError.
    """
    location_key(url)
    parts = urlsplit(url.strip())
    query = "" if parts.path.lower().endswith(_STATIC_PAGES) else parts.query
    return parts._replace(query=query, fragment="").geturl()


def host_of(url: str) -> str:
    """The host (with its port, unless it is a default one) of a URL or of a location's key."""
    key = url if url.startswith("//") else location_key(url)
    return key[2:].split("/", 1)[0]


def _without_dots(path: str) -> str:
    """The path with `.` and `..` resolved (RFC 3986, 5.2.4), empty segments kept."""
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            if segments:
                segments.pop()
        elif segment != ".":
            segments.append(segment)
    if path.endswith(("/.", "/..")):
        segments.append("")
    return "/" + "/".join(segments)
