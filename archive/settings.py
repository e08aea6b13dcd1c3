"""The archive's section of the configuration."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class ArchiveSettings(BaseModel):
    """Where the archive is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(
        description="The archive's SQLite file, made by the first crawl; "
        "relative to the folder of the configuration file."
    )
