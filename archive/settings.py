"""The archive's section of the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from archive.database import BUSY_SECONDS


class ArchiveSettings(BaseModel):
    """Where the archive is kept, and how long is waited for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(
        description="The archive's SQLite file, made by the first crawl; "
        "relative to the folder of the configuration file."
    )
    busy_seconds: float = Field(
        default=BUSY_SECONDS,
        ge=0,
        le=3600,
        description="Seconds that a writer waits while another program holds the archive.",
    )


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
