"""The whole configuration as typed settings: every key once, with its default and its help.

The sections of a portal and of the archive belong to their packages; this module adds what the
scheduler owns and puts them together.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from archive.room.settings import RoomSettings
from archive.settings import ArchiveSettings, WatchList
from crawler.settings import PortalSettings
from scheduler.fleet.settings import FleetSettings
from scheduler.listening import read_address
from scheduler.telling.settings import FeedSettings, Rule, distinct
from scheduler.timetable import read_schedule

_PORTAL_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LIST_NAME = re.compile(r"[^\s,/-][^\s,/]*")
# Printable ASCII alone, since the contact travels in a header of every request.
_CONTACT = re.compile(r"[ -~]*(?:[^\s@]+@[^\s@]+|https?://[^\s/]+)[ -~]*")


def _schedule(text: str) -> str:
    read_schedule(text)
    return text


def time_zone(name: str) -> str:
    """The name of a time zone; ValueError where it is none."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        likely = get_close_matches(name, available_timezones(), n=1)
        hint = f"; did you mean {likely[0]}?" if likely else ", such as Asia/Shanghai"
        raise ValueError(f"should be a time zone by its IANA name{hint}") from error
    return name


def _portal_key(name: str) -> str:
    if not _PORTAL_KEY.fullmatch(name):
        raise ValueError("should be one simple word of letters, digits, - and _")
    return name


def _list_name(name: str) -> str:
    if not _LIST_NAME.fullmatch(name):
        raise ValueError("should be one word without spaces, such as 环保 or permits")
    return name


def _contact(text: str) -> str:
    if not _CONTACT.fullmatch(text):
        raise ValueError("should be a mail address or the address of a web page, in ASCII")
    return text.strip()


def _some(portals: dict[str, Portal]) -> dict[str, Portal]:
    if not portals:
        raise ValueError("should name at least one portal")
    return portals


def _listen(text: str) -> str:
    read_address(text)
    return text


Schedule = Annotated[str, AfterValidator(_schedule)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Timetable(_Section):
    """When the daemon crawls a portal, by mode: `every N` with s, m, h or d, or a cron line."""

    discover: Schedule | None = Field(
        default=None,
        description="When new entries of the lists are looked for; without it, never.",
    )
    recheck: Schedule | None = Field(
        default=None,
        description="When known documents are revisited with conditional requests; "
        "without it, never.",
    )
    sweep: Schedule | None = Field(
        default=None,
        description="When everything is fetched unconditionally; without it, never.",
    )
    jitter: int = Field(
        default=0,
        ge=0,
        le=3600,
        description="Seconds by which each of these is put off at most, always the same for the "
        "same slot, so that portals on one server are not asked at once.",
    )


MODES = ("discover", "recheck", "sweep")


class DaemonSettings(_Section):
    """The daemon."""

    crawls: int = Field(
        default=4,
        ge=1,
        le=64,
        description="Crawls under way at once, of different portals, at most; others wait. With "
        "`engine: celery`, spools that are ingested at once.",
    )


class Portal(PortalSettings):
    """One portal, with the timetable by which the daemon crawls it."""

    timetable: Timetable = Field(
        default=Timetable(), description="When the daemon crawls the portal, by mode."
    )


class LogSettings(_Section):
    """Where the log goes and how much of it there is."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least grave events that are logged."
    )
    file: Path | None = Field(
        default=None,
        description="The file of JSON lines, rotated by size, relative to the configuration "
        "file's folder; without it, stderr only.",
    )


class MonitorSettings(_Section):
    """Where `/health` and `/metrics` are answered, and what counts as wrong."""

    listen: Annotated[str, AfterValidator(_listen)] | None = Field(
        default=None,
        description="The address and port at which the daemon answers /health and /metrics, such "
        "as 127.0.0.1:9464; without it, nowhere. There is no password: keep it on loopback, or "
        "behind something that asks for one.",
    )
    grace_seconds: float = Field(
        default=600.0,
        ge=0,
        le=86400,
        description="How long after its time a job may begin before it is overdue; one that is "
        "due more often is overdue when it is due again.",
    )
    free_megabytes: int = Field(
        default=512,
        ge=0,
        description="The free space on the archive's disk below which /health says so.",
    )


class Settings(_Section):
    """The root of the configuration."""

    timezone: Annotated[str, AfterValidator(time_zone)] = Field(
        default="Asia/Shanghai",
        description="The time zone of the portals, the timetable and the dates people type.",
    )
    contact: Annotated[str, AfterValidator(_contact)] = Field(
        description="A mail address or web page for the portals' operators to turn to; it goes "
        "into the user agent."
    )
    archive: ArchiveSettings = Field(description="Where everything is kept.")
    log: LogSettings = Field(default=LogSettings(), description="The log.")
    monitor: MonitorSettings = Field(
        default=MonitorSettings(), description="What the daemon answers to those who watch it."
    )
    daemon: DaemonSettings = Field(default=DaemonSettings(), description="The daemon.")
    engine: Literal["local", "celery"] = Field(
        default="local",
        description="Where the daemon's crawls run: on this machine, or, with celery, on those of "
        "the `fleet`; that needs `pip install 'yange[fleet]'`.",
    )
    fleet: Annotated[FleetSettings | None, Field(validate_default=True)] = Field(
        default=None, description="Crawls on other machines; needed with `engine: celery`."
    )
    portals: Annotated[
        dict[Annotated[str, AfterValidator(_portal_key)], Portal], AfterValidator(_some)
    ] = Field(description="The portals, each under a short name of your choice.")
    watch: dict[Annotated[str, AfterValidator(_list_name)], WatchList] = Field(
        default={}, description="Named lists of what somebody watches."
    )
    room: RoomSettings = Field(default=RoomSettings(), description="The reading room.")
    feeds: FeedSettings | None = Field(
        default=None, description="Feeds of changes as files; without it, none are written."
    )
    notify: Annotated[tuple[Rule, ...], AfterValidator(distinct)] = Field(
        default=(), description="Whom to tell of changes and of runs."
    )

    @field_validator("fleet")
    @classmethod
    def _where_it_is_needed(
        cls, fleet: FleetSettings | None, info: ValidationInfo
    ) -> FleetSettings | None:
        if fleet is None and info.data.get("engine") == "celery":
            raise ValueError("is needed with `engine: celery`, with a broker and spools at least")
        return fleet

    def of(self, portal: str) -> Settings:
        """The same with one of its portals alone."""
        return self.model_copy(update={"portals": {portal: self.portals[portal]}})

    @field_validator("notify")
    @classmethod
    def _of_what_exists(cls, rules: tuple[Rule, ...], info: ValidationInfo) -> tuple[Rule, ...]:
        known, lists = info.data.get("portals"), info.data.get("watch")
        for rule in rules:
            for portal in rule.portals or ():
                if known is not None and portal not in known:
                    raise ValueError(
                        f"{rule.name}: no portal {portal!r} is configured; there is "
                        + ", ".join(known)
                    )
            for name in rule.watch or ():
                if lists is not None and name not in lists:
                    raise ValueError(
                        f"{rule.name}: there is no list {name!r} under watch; there is "
                        + (", ".join(lists) or "none")
                    )
        return rules

    @property
    def berths(self) -> int:
        """How many crawls there may be at once, of different portals."""
        if self.engine == "celery" and self.fleet is not None:
            return self.fleet.open_orders
        return self.daemon.crawls

    @property
    def zone(self) -> ZoneInfo:
        """`timezone` as an object."""
        return ZoneInfo(self.timezone)
