"""What a reading room is opened on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from archive.readings import Readers
from archive.room.settings import RoomSettings
from archive.room.works import Works


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The archive's file, the zone in which times are shown, and what is handed in from outside."""

    archive: Path
    zone: tzinfo
    readers: Readers
    works: Works
    settings: RoomSettings
