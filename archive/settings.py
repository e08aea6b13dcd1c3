"""The archive's section of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from archive.database import BUSY_SECONDS
from archive.shelves import PORTAL, Shelf, path_for

# No portal is called so: their keys begin with a letter or a digit.
_NOBODY = "_"
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")


def _placeholders(path: Path) -> Path:
    for found in _BRACES.findall(str(path)):
        if found != PORTAL:
            raise ValueError(f"should have no braces other than those of {PORTAL}; {found} is none")
    return path


class ArchiveSettings(BaseModel):
    """Where the archive is kept, or each portal's, and how long is waited for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[Path, AfterValidator(_placeholders)] = Field(
        description="The archive's SQLite file, made by the first crawl; "
        "relative to the folder of the configuration file. With {portal} in it, each portal has "
        "an archive of its own, in the file with the portal's key in that place."
    )
    busy_seconds: float = Field(
        default=BUSY_SECONDS,
        ge=0,
        le=3600,
        description="Seconds that a writer waits while another program holds the archive.",
    )

    @property
    def is_split(self) -> bool:
        """Whether each portal has an archive of its own."""
        return PORTAL in str(self.path)

    def path_of(self, portal: str) -> Path:
        """The file of the archive that holds a portal, by the portal's key."""
        return path_for(self.path, portal)

    def shelves(self, portals: Iterable[str]) -> list[Shelf]:
        """The archives of these portals: one of each, or the one of all."""
        if not self.is_split:
            return [Shelf(None, self.path)]
        return [Shelf(portal, self.path_of(portal)) for portal in portals]

    @property
    def seat(self) -> Path:
        """The path after which the files are named that belong to no one portal's archive.

        The daemon's and the reading room's lie beside it. It is the archive's own where there is
        one archive; there is no file of that name where there are several.
        """
        return self.path_of(_NOBODY)


_Word = Annotated[str, Field(min_length=1, pattern=r"\S")]


class WatchList(BaseModel):
    """What belongs to a list that somebody watches: whatever any of its entries is true of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    documents: tuple[_Word, ...] = Field(
        default=(), description="Documents by any index number or address that they ever had."
    )
    words: tuple[_Word, ...] = Field(
        default=(), description="Documents with any of these in title, numbers, summary or text."
    )
    agencies: tuple[_Word, ...] = Field(
        default=(), description="Documents of agencies with any of these in their name."
    )
    categories: tuple[_Word, ...] = Field(
        default=(), description="Documents with any of these in their category."
    )

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.documents or self.words or self.agencies or self.categories):
            raise ValueError("should name at least one document, word, agency or category")
        return self
