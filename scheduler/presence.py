"""Which archives have been there since the daemon came: one that is gone is not begun anew.

A crawl makes the archive that it does not find. Where there was one, its disk is not mounted, or
somebody has moved it, and a new one in its place would only be found out much later.
"""

from __future__ import annotations

from pathlib import Path


class Presence:
    """What is known of archives being there. Any thread may use it."""

    def __init__(self) -> None:
        self._had: set[Path] = set()

    def note(self, archive: Path) -> None:
        """If it is there, it was."""
        if archive.exists():
            self._had.add(archive)

    def is_gone(self, archive: Path) -> bool:
        """Whether it was there, and is not."""
        self.note(archive)
        return archive in self._had and not archive.exists()
