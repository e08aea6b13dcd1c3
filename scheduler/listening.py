"""Addresses at which something is listened to, as people write them. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address

_ADDRESS = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[^\s\[\]:/]+)):(?P<port>\d{1,5})"
)


def read_address(text: str) -> tuple[str, int]:
    """The host and the port that `text` means. Raises ValueError with a sentence."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise ValueError("should be an address and a port, such as 127.0.0.1:9464 or [::1]:9464")
    return match["v6"] or match["host"], int(match["port"])


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`, as far as its name tells."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
