"""Keeping: documents, versions, changes, and the bytes they were read from.

`Archive` is the one entrance for writing, `Catalogue` the read-only side. This package fetches
nothing and knows no timetable; the reader of pages is handed to it.
"""

from archive.archive import Archive
from archive.catalogue import Catalogue

__all__ = ["Archive", "Catalogue"]
