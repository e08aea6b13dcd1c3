"""What the last `verify` found, noted in a file beside the archive.

Not in the archive: a check leaves alone what it checks, and must be able to say that it is damaged.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson

from archive.fixity import Fixity


def note_check(archive: Path, found: Fixity, *, at: str, since: str | None) -> None:
    """Note what a check of the archive at that path found. Raises OSError."""
    told = {
        "at": at,
        "since": since,
        "ok": found.ok,
        "problems": len(found.problems),
        "ledger_length": found.ledger_length,
        "ledger_head": found.ledger_head,
        "seal": found.seal,
    }
    path = _path(archive)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(orjson.dumps(told) + b"\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def last_check(archive: Path) -> dict[str, Any] | None:
    """The last check that was noted, as `status` gives it, or None."""
    try:
        told = orjson.loads(_path(archive).read_bytes())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _path(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.verified")
