"""Whether a file has the end that its format gives it: pure."""

from __future__ import annotations

# Programs add some bytes behind the end of a PDF or a picture; readers look as far back.
_TAIL = 2048
_ZIP_END, _ZIP_END_LENGTH = b"PK\x05\x06", 22
_LONGEST_COMMENT = 0xFFFF
_ENDS = (
    (b"%PDF-", b"%%EOF"),
    (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    (b"\xff\xd8\xff", b"\xff\xd9"),
)


def has_end(body: bytes) -> bool | None:
    """Whether the end of a file is there; None where its format does not tell.

    PDF, zip (and so Word, Excel and OFD), PNG and JPEG do.
    """
    if body.startswith((b"PK\x03\x04", _ZIP_END)):
        return _zip_has_end(body)
    for begins, ends in _ENDS:
        if body.startswith(begins):
            return ends in body[-_TAIL:]
    return None


def _zip_has_end(body: bytes) -> bool:
    at = body.rfind(_ZIP_END, max(0, len(body) - _ZIP_END_LENGTH - _LONGEST_COMMENT))
    if at < 0 or at + _ZIP_END_LENGTH > len(body):
        return False
    comment = int.from_bytes(body[at + 20 : at + 22], "little")
    return at + _ZIP_END_LENGTH + comment <= len(body)
