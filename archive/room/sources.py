"""What a reading room is opened on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from archive.readings import Readers
from archive.room.settings import RoomSettings
from archive.room.works import Works
from archive.settings import ArchiveSettings, WatchList
from archive.shelves import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The archive's file, the zone in which times are shown, and what is handed in from outside.

    Where each portal has an archive of its own, `archive` has a place for its key, and `portals`
    are those whose archives are shown. `watch` are the lists by which what is shown can be
    narrowed down, by name.
    """

    archive: Path
    portals: tuple[str, ...] = ()
    zone: tzinfo
    readers: Readers
    works: Works
    settings: RoomSettings
    watch: Mapping[str, WatchList] = field(default_factory=dict)

    @property
    def kept(self) -> ArchiveSettings:
        """Where the archives are."""
        return ArchiveSettings.model_construct(path=self.archive)

    @property
    def shelves(self) -> list[Shelf]:
        """The archives that are shown."""
        return self.kept.shelves(self.portals)

    @property
    def are_several(self) -> bool:
        """Whether several archives are shown as one."""
        return len(self.shelves) > 1
