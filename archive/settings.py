"""The archive's section of the configuration."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

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
