"""Canonical JSON: one spelling for one value, so that hashes can be recomputed anywhere.

Keys sorted by code point, no white space, UTF-8 without escapes other than those that JSON
demands, no floating-point numbers. For the values that occur here (text, whole numbers, true,
false, null, arrays, objects with ASCII keys) this is RFC 8785.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def canonical_json(value: object) -> bytes:
    """`value` in its one spelling."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def as_object(record: DataclassInstance) -> dict[str, object]:
    """A dataclass as the object that stands for it in canonical JSON; its values as they are.

    Unlike `dataclasses.asdict`, which copies every value at fifty times the cost.
    """
    return {field.name: getattr(record, field.name) for field in fields(record)}


def digest(value: object) -> bytes:
    """SHA-256 of the canonical JSON of `value`, 32 bytes."""
    return hashlib.sha256(canonical_json(value)).digest()


def sha256(data: bytes) -> bytes:
    """SHA-256 of `data`, 32 bytes."""
    return hashlib.sha256(data).digest()
