"""Locations: when two URLs are one place (R5)."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from archive.errors import YangeError

_STATIC_PAGES = (".html", ".htm", ".shtml")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[0-9a-z._-]+|[0-9a-f:.]+(?:%[0-9a-z._~-]+)?")
_SHOWN = 200
# RFC 9110, 4.1 asks for 8,000 at least. Addresses are kept in memory by the thousand.
_LONGEST_URL = 8000
# Parameters that tell a site where its visitor came from; no page depends on them. `from` means
# many things elsewhere, so only what WeChat puts there counts.
_TRACKING = re.compile(
    r"(?:(?:utm|mtm)_\w+|spm|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|ttclid"
    r"|igshid|mc_[ce]id|bd_vid|hm(?:sr|pl|cu|kw|ci)|_g[al]|nsukey|isappinstalled)(?:=.*)?"
    r"|from=(?:timeline|singlemessage|groupmessage)",
    re.I,
)


class NotALocationError(YangeError, ValueError):
    """A string that is no http or https address."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{_shortened(url)!r} is not an http or https address")
        self.url = url


def _shortened(url: str) -> str:
    return url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"


@lru_cache(maxsize=4096)
def location_key(url: str) -> str:
    """The one spelling under which a location is known, without its scheme.

    `//host[:port]/path[?query]`: http and https are one and their default ports are dropped, the
    host is lower case, percent-encoding is uniform, there is no fragment, and no query on a static
    page; elsewhere the query's order does not matter and well-known parameters that only track
    visitors are dropped. Raises NotALocationError.
    """
    # Here, since it loads half of the standard library's networking and most commands compare none.
    from w3lib.url import canonicalize_url

    url = url.strip()
    if len(url) > _LONGEST_URL:
        raise NotALocationError(url)
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
            raise NotALocationError(url)
        plain = parts._replace(
            path=_without_dots(parts.path), query=_without_tracking(parts.query), fragment=""
        )
        canonical = urlsplit(canonicalize_url(plain.geturl()))
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


def _without_tracking(query: str) -> str:
    return "&".join(part for part in query.split("&") if not _TRACKING.fullmatch(part))


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
