"""zstd with a prefix: what two byte strings have in common is stored once.

A prefix is a dictionary without structure ("raw content"): bytes that the compressed data refer
back to, as if they stood before them. The wrong prefix of the right length gives wrong bytes, and
no error of zstd's, so every frame carries a checksum of what it decompresses to.
"""

from __future__ import annotations

import zstandard

# zstd itself makes nothing of less.
_LEAST_PREFIX = 8


class CompressionError(Exception):
    """Data do not decompress to what they should; the sentence says why."""


class Prefix:
    """Bytes to compress against, digested once for as many compressions as there are."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._levels: dict[int, zstandard.ZstdCompressionDict] = {}
        self._plain = _dictionary(content)

    def for_level(self, level: int) -> zstandard.ZstdCompressionDict | None:
        """The prefix as zstd wants it to compress at this level."""
        if self._plain is None:
            return None
        if level not in self._levels:
            digested = _dictionary(self.content)
            assert digested is not None
            digested.precompute_compress(level=level)
            self._levels[level] = digested
        return self._levels[level]

    @property
    def for_decompression(self) -> zstandard.ZstdCompressionDict | None:
        """The prefix as zstd wants it to decompress."""
        return self._plain


def compress(data: bytes, level: int, prefix: Prefix | bytes = b"") -> bytes:
    """`data` as one zstd frame with its size and a checksum.

    A prefix that is used once comes as bytes, one that is used often as a `Prefix`.
    """
    dictionary = prefix.for_level(level) if isinstance(prefix, Prefix) else _dictionary(prefix)
    return zstandard.ZstdCompressor(
        level=level,
        dict_data=dictionary,
        write_checksum=True,
        write_content_size=True,
        write_dict_id=False,
    ).compress(data)


def decompress(frame: bytes, size: int | None, prefix: Prefix | bytes = b"") -> bytes:
    """The bytes that `compress` made a frame of, `size` of them where that is known.

    Raises CompressionError. What the frame says of its size is compared before it is believed.
    """
    dictionary = prefix.for_decompression if isinstance(prefix, Prefix) else _dictionary(prefix)
    try:
        if size is not None and zstandard.frame_content_size(frame) != size:
            raise CompressionError("it is of another size than it was kept with")
        return zstandard.ZstdDecompressor(dict_data=dictionary).decompress(frame)
    except (zstandard.ZstdError, MemoryError) as error:
        raise CompressionError(f"it does not decompress ({error})") from error


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict | None:
    if len(content) < _LEAST_PREFIX:
        return None
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
