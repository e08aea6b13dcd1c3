"""Where archives stand: one for all portals, or one for each in a file that is named after it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PORTAL = "{portal}"
"""What stands in a path for the key of each portal that has a file of its own there."""


class Shelf(NamedTuple):
    """An archive of a configuration: the portal that it is of, None for all, and its file."""

    portal: str | None
    path: Path


def path_for(path: Path, portal: str) -> Path:
    """The path with a portal's key in its place, if there is one."""
    return Path(str(path).replace(PORTAL, portal))
