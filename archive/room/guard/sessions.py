"""Sessions: a cookie that says whose it is and until when, signed with the token it came from.

Nothing is kept on this side. A session ends with its time or with its token, not with a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import time

from archive.room.guard.tokens import Token, Tokens

COOKIE = "yange_session"
SECONDS = 12 * 3600
"""A working day."""


def begin(token: Token) -> str:
    """The value of the cookie for whoever has shown `token`."""
    until = str(int(time.time()) + SECONDS)
    return f"{token.name}.{until}.{_signature(token, until)}"


def holder(cookie: str, tokens: Tokens) -> Token | None:
    """The token that a cookie's session was begun with, while it lasts."""
    name, _, rest = cookie[:200].partition(".")
    until, _, signature = rest.partition(".")
    token = tokens.named(name)
    if token is None or not hmac.compare_digest(
        _signature(token, until).encode(), signature.encode()
    ):
        return None
    # A number, since it was signed here.
    return token if int(until) > time.time() else None


def _signature(token: Token, until: str) -> str:
    told = f"session {token.name} {until}".encode()
    return hmac.new(bytes.fromhex(token.sha256), told, hashlib.sha256).hexdigest()
