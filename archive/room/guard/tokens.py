"""Tokens that let people in: made once, shown once, and kept as their SHA-256 beside the archive.

A token is 256 random bits, which nobody finds by trying: a slow hash would add nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import NamedTuple

import orjson

from archive.errors import ConfigurationError, YangeError
from archive.folders import sync_folder

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_BYTES = 32
_LONGEST = 200  # characters of a token that are looked at


class Token(NamedTuple):
    """A token as it is kept: for whom it is, its hash in hexadecimal, and when it was made."""

    name: str
    sha256: str
    made_at: str


class Tokens:
    """The tokens of one archive, in a file beside it; read anew whenever that has changed."""

    def __init__(self, archive: Path) -> None:
        self.path = archive.with_name(f"{archive.name}.tokens")
        self._stamp: tuple[int, int] | None = None
        self._held: tuple[Token, ...] = ()

    def all(self) -> tuple[Token, ...]:
        """Every token that lets somebody in. Raises YangeError where that cannot be read."""
        try:
            status = self.path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self._stamp:
                self._held = tuple(Token(**one) for one in orjson.loads(self.path.read_bytes()))
                self._stamp = stamp
        except FileNotFoundError:
            self._held, self._stamp = (), None
        except (OSError, ValueError, TypeError) as error:
            # Not as if there were none: that would open what was closed.
            raise YangeError(f"the tokens in {self.path} cannot be read: {error}") from error
        return self._held

    def add(self, name: str, made_at: str) -> str:
        """Make a token for `name`, and return it: it cannot be had again."""
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"{name!r} is no name for a token; write up to 40 letters, digits, - and _"
            )
        held = self.all()
        if any(one.name == name for one in held):
            raise ConfigurationError(f"there is a token {name} already; remove it first")
        token = secrets.token_urlsafe(_BYTES)
        self._write((*held, Token(name, _hash(token), made_at)))
        return token

    def remove(self, name: str) -> None:
        """Let the token of that name open nothing any more, sessions begun with it included."""
        held = self.all()
        left = tuple(one for one in held if one.name != name)
        if left == held:
            names = ", ".join(one.name for one in held) or "none"
            raise ConfigurationError(f"there is no token {name}; there is {names}")
        self._write(left)

    def holder(self, token: str) -> Token | None:
        """The kept token that this one is. All are compared, in the same time whichever it is."""
        given = _hash(token[:_LONGEST])
        found = None
        for one in self.all():
            if hmac.compare_digest(one.sha256, given):
                found = one
        return found

    def named(self, name: str) -> Token | None:
        """The kept token of that name."""
        return next((one for one in self.all() if one.name == name), None)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(orjson.dumps([one._asdict() for one in tokens]))
                out.flush()
                os.fsync(out.fileno())
            draft.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise YangeError(f"{self.path} cannot be written: {error.strerror}") from error


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
