"""Bytes to text: what the bytes are outranks what anybody says about them.

Old subdomains serve GBK under a UTF-8 header and the reverse, and a declaration that is wrong for
one page is wrong for all of them. UTF-8 is all but impossible to hit by accident, so bytes that
are UTF-8 are read as such; only then do the page's own declaration and the header count. A few
characters of GBK can be hit: they then look like Greek or Arabic, never like Chinese.
"""

from __future__ import annotations

import codecs
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Only encodings that can prove themselves wrong; a single-byte one fits any bytes at all.
# GB 18030 contains GBK, which contains GB 2312, and pages declare any of the three for all.
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
}
_DECLARATION = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.I
)
_PARAMETER = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.I)
_HEAD = 4096
_HIGH_BYTES = bytes(range(0x80, 0x100))
_LONGEST_CHARACTER = 4
_LAST_OF_TWO_BYTES = "\u07ff"
# A page is still in an encoding when at most one in so many of its bytes beyond ASCII is damaged.
_DAMAGE = 50


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a page's bytes. Never raises; what cannot be read becomes U+FFFD.

    In this order: a byte order mark; UTF-8 if the bytes are that; what the page declares; what
    the Content-Type header declares; GB 18030 if the bytes are that; whichever of the candidates
    is the least damaged.
    """
    for mark, codec in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    declared = _declared(body, content_type)
    candidates = ["utf-8", *declared, "gb18030"]
    for codec in candidates:
        text = _strictly(body, codec)
        if text is not None:
            by_accident = codec == "utf-8" and "gb18030" in declared and _is_two_byte(text)
            return (_strictly(body, "gb18030") if by_accident else None) or text
    high = len(body) - len(body.translate(None, _HIGH_BYTES))
    texts = [body.decode(codec, "replace") for codec in dict.fromkeys(candidates)]
    for text in texts:
        if text.count("\ufffd") * _DAMAGE <= high:
            return text
    return min(texts, key=lambda text: text.count("\ufffd"))


def _declared(body: bytes, content_type: str) -> list[str]:
    names = [match[1].decode("ascii") for match in _DECLARATION.finditer(body[:_HEAD])][:1]
    names += _PARAMETER.findall(content_type)[:1]
    return [_CODECS[name.lower()] for name in names if name.lower() in _CODECS]


def _is_two_byte(text: str) -> bool:
    """Whether no character beyond ASCII takes UTF-8 more than two bytes, as it takes GBK."""
    return not text.isascii() and max(text) <= _LAST_OF_TWO_BYTES


def _strictly(body: bytes, codec: str) -> str | None:
    """`body` in that encoding, or None; a character cut off at the very end is left out."""
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        cut = len(body) - error.start < _LONGEST_CHARACTER and error.end == len(body)
        # Something must speak for the encoding before the cut.
        if not cut or body[: error.start].isascii():
            return None
        return body[: error.start].decode(codec)
