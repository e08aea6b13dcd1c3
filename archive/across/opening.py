"""Opening whatever archives a configuration has, for reading: one as it is, several as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from archive.catalogue import Catalogue

if TYPE_CHECKING:
    from archive.across.library import Library
    from archive.settings import ArchiveSettings


def open_archives(
    kept: ArchiveSettings, portals: Sequence[str], zone: tzinfo, *, hurried: bool = False
) -> Catalogue | Library:
    """The archive of these portals, or the archives of each of them.

    Raises NoArchiveError where there is none, and ArchiveUnusableError for a single one.
    """
    found = kept.shelves(portals)
    if len(found) == 1:
        return Catalogue.open(found[0].path, zone, hurried=hurried)
    # Here, since every command passes through this module.
    from archive.across.library import Library

    paths = {str(shelf.portal): shelf.path for shelf in found}
    return Library.open(paths, zone, hurried=hurried)
