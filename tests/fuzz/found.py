"""Where failures are kept until somebody has dealt with them."""

from __future__ import annotations

import hashlib
from pathlib import Path

FOUND = Path(__file__).parent / "found"


def name_of(what: str) -> str:
    """The name under which pages that fail in this way are kept."""
    return hashlib.sha256(what.encode()).hexdigest()[:12]


def keep(what: str, page: bytes, folder: Path) -> bool:
    """Keep a page that fails, the smallest of its kind; whether it is the first of its kind."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name_of(what)}.html"
    first = not path.exists()
    if first or len(page) < path.stat().st_size:
        path.write_bytes(page)
        path.with_suffix(".txt").write_text(what + "\n", "utf-8")
    return first


def kept(folder: Path) -> list[tuple[str, Path]]:
    """What was found, each failure with its page."""
    return [
        (path.with_suffix(".txt").read_text("utf-8").strip(), path)
        for path in sorted(folder.glob("*.html"))
    ]
