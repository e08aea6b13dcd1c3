"""What a worker's machine is told: the fleet's section, and where to log. No portal, no archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from archive.errors import ConfigurationError
from scheduler.configuration import checked, load
from scheduler.fleet.settings import FleetSettings
from scheduler.masking import Mask
from scheduler.settings import LogSettings, time_zone
from scheduler.yaml_file import read_file, read_yaml


class WorkerSettings(BaseModel):
    """The root of a worker's configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: Annotated[str, AfterValidator(time_zone)] = Field(
        default="Asia/Shanghai", description="The time zone of the log."
    )
    log: LogSettings = Field(default=LogSettings(), description="The log.")
    fleet: FleetSettings = Field(description="The fleet that the worker belongs to.")

    @property
    def zone(self) -> ZoneInfo:
        """`timezone` as an object."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class WorkerConfiguration:
    """A checked configuration of a worker's, as `Configuration` is one of a daemon's."""

    path: Path
    settings: WorkerSettings
    mask: Mask
    text: bytes


def load_for_worker(path: Path, text: bytes | None = None) -> WorkerConfiguration:
    """The worker's configuration at `path`, or what a daemon's says of it.

    With `text`, that is what the file said when somebody else read it. Raises ConfigurationError.
    """
    text = read_file(path) if text is None else text
    written, _ = read_yaml(path, text)
    if written.keys() & {"archive", "portals"}:
        return _of_daemon(path, text)
    settings, mask, path, text = checked(path, text, WorkerSettings, {})
    return WorkerConfiguration(
        path, _anchored(settings, path.parent), mask.and_of(settings.fleet.secrets), text
    )


def _of_daemon(path: Path, text: bytes) -> WorkerConfiguration:
    whole = load(path, text=text)
    settings = whole.settings
    if settings.fleet is None:
        raise ConfigurationError(
            f"the configuration {path} has no section fleet; a worker needs its broker and spools"
        )
    own = WorkerSettings(timezone=settings.timezone, log=settings.log, fleet=settings.fleet)
    return WorkerConfiguration(whole.path, own, whole.mask, whole.text)


def _anchored(settings: WorkerSettings, folder: Path) -> WorkerSettings:
    log: dict[str, Any] = {}
    if settings.log.file is not None:
        log["file"] = folder / settings.log.file.expanduser()
    return settings.model_copy(
        update={
            "log": settings.log.model_copy(update=log),
            "fleet": settings.fleet.anchored(folder),
        }
    )
