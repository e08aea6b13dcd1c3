"""The reading room's section of the configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _base(text: str) -> str:
    if not text.startswith(("http://", "https://")) or "?" in text or "#" in text:
        raise ValueError("should begin with http:// or https://, and have no query")
    return text.rstrip("/")


class RoomSettings(BaseModel):
    """Where the reading room is served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(
        default="127.0.0.1",
        description="The address that `serve` listens at; other than loopback it takes a token, "
        "or a proxy.",
    )
    port: int = Field(
        default=8460, ge=0, le=65535, description="The port that `serve` listens at; 0 for any."
    )
    url: Annotated[str, AfterValidator(_base)] | None = Field(
        default=None,
        description="The address at which people reach the reading room, where it is another one.",
    )
