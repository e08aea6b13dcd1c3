"""Keeping secrets out of what is printed and logged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

_CREDENTIALS = re.compile(r"://[^\s/?#\"'<>\\]*@")
# A shorter value is hardly a secret, and blotting it out wherever it occurs would leave nothing
# readable.
_SHORTEST_SECRET = 4
_LARGEST_INTEGER = 2**63  # of what JSON readers and orjson agree on


# A part of a service's address that a person would hardly have chosen.
_SHORTEST_TOKEN = 8
_BETWEEN_PARTS = re.compile(r"[/?&=:@#,]+")
_PASSWORD = re.compile(r"://[^/?#@:]*:([^/?#]*)@")


def secrets_of(address: str) -> set[str]:
    """The parts of an address that may be secrets: a password, and what looks like a token.

    Tokens stand in the host's place, in the path or in the query, as each service has it. A part
    with a dot in it, as hosts have, is none, nor is a mere word.
    """
    parts = _BETWEEN_PARTS.split(address.partition("://")[2])
    tokens = {
        part
        for part in parts
        if len(part) >= _SHORTEST_TOKEN and "." not in part and any(map(str.isdigit, part))
    }
    found = tokens | set(_PASSWORD.findall(address))
    return found | {unquote(part) for part in found}


class Mask:
    """Replaces the given secrets, and user names and passwords in URLs, by `***`.

    As a structlog processor it also turns every value into plain data that any renderer can
    write: text without lone surrogates, numbers, None, lists and dicts of these.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: one secret may be a part of another.
        secrets = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._known = secrets
        self._secrets = re.compile("|".join(map(re.escape, secrets))) if secrets else None

    def and_of(self, secrets: Iterable[str]) -> Mask:
        """A mask of these secrets besides."""
        return Mask([*self._known, *secrets])

    def text(self, text: str) -> str:
        """`text` without secrets."""
        if self._secrets is not None:
            text = self._secrets.sub("***", text)
        if "://" in text:
            text = _CREDENTIALS.sub("://***@", text)
        return text

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Mask a whole event."""
        return {key: self._plain(value) for key, value in event.items()}

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int) and abs(value) < _LARGEST_INTEGER:
            return int(value)
        if isinstance(value, Mapping):
            return {str(key): self._plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._plain(item) for item in value]
        return self.text(str(value).encode(errors="backslashreplace").decode())
