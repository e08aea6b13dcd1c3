"""Canonical JSON: one spelling for one value, so that hashes can be recomputed anywhere.

Keys sorted by code point, no white space, UTF-8 without escapes other than those that JSON
demands, no floating-point numbers. For the values that occur here (text, whole numbers, true,
false, null, arrays, objects with ASCII keys) this is RFC 8785.
"""

from __future__ import annotations

import hashlib

import orjson


def canonical_json(value: object) -> bytes:
    """`value` in its one spelling."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: object) -> bytes:
    """SHA-256 of the canonical JSON of `value`, 32 bytes."""
    return hashlib.sha256(canonical_json(value)).digest()


def sha256(data: bytes) -> bytes:
    """SHA-256 of `data`, 32 bytes."""
    return hashlib.sha256(data).digest()
