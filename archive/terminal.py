"""What came from a portal, on a terminal: what a terminal would obey is shown instead of sent."""

from __future__ import annotations

import re

# Control characters of both sets (ECMA-48) but tabs and line ends, and what turns the order of
# writing around (UAX #9), with which a line can be made to read as another.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_OBEYED_IN_JSON = re.compile(b"\x7f|\xc2[\x80-\x9f]")
_PICTURES = 0x2400
_PICTURE_OF_DELETE = "\u2421"


def visible(text: str) -> str:
    """`text` with a visible sign in the place of each character that a terminal obeys."""
    return _OBEYED.sub(_sign, text)


def visible_json(data: bytes) -> bytes:
    """JSON with its last control characters escaped, those that JSON itself has no need to."""
    return _OBEYED_IN_JSON.sub(lambda one: b"\\u%04x" % ord(one[0].decode()), data)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(_PICTURES + code)
    return _PICTURE_OF_DELETE if code == 0x7F else "\ufffd"
