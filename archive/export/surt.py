"""Addresses in the order in which web archives are indexed: SURT, the host's last part first.

This is the canonical form of the Internet Archive's tools (`www.` dropped, lower case, the query
sorted), by which replay tools look addresses up.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def surt(url: str) -> str:
    """The key of an address: `http://www.wuhai.gov.cn/A?b&a` is `cn,gov,wuhai)/a?a&b`.

    Anything but an http or https address is its own key.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return url
    host = re.sub(r"^www\d*\.", "", parts.hostname)
    key = host if ":" in host else ",".join(reversed(host.split(".")))
    if parts.port not in (None, _DEFAULT_PORTS[parts.scheme]):
        key += f":{parts.port}"
    path = re.sub("/{2,}", "/", parts.path)
    key += f"){path.rstrip('/') or '/'}"
    if parts.query:
        key += "?" + "&".join(sorted(parts.query.split("&")))
    return key.lower()
