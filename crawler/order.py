"""What one crawl is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crawler.settings import PortalSettings


class Mode(StrEnum):
    """The three ways of crawling."""

    DISCOVER = "discover"
    """Walk lists from the newest entry until they show only what is known; fetch what is new."""
    RECHECK = "recheck"
    """Ask known documents, conditionally, whether they have changed."""
    SWEEP = "sweep"
    """Walk lists to their end and ask everything, unconditionally."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One crawl of one portal.

    `columns` are the addresses of the lists to walk; with `in_columns` nothing is asked for that
    they do not show. `only`, if given, are the sole locations to ask.
    `limit` is the greatest number of documents' pages to ask for. `ends_at` is when the portal's
    window closes, for a crawl that is bound by it. `job` and `slot` name what it was due for.
    """

    portal: str
    settings: PortalSettings
    mode: Mode
    columns: Sequence[str]
    in_columns: bool = False
    only: Sequence[str] | None = None
    limit: int | None = None
    ends_at: datetime | None = None
    job: str | None = None
    slot: str | None = None
    contact: str = ""
    version: str = ""


def whole_order(
    portal: str,
    settings: PortalSettings,
    mode: Mode,
    *,
    contact: str,
    version: str,
    job: str | None = None,
    slot: str | None = None,
    ends_at: datetime | None = None,
) -> Order:
    """The order of a crawl of all that the configuration names of a portal, as the timetable
    wants it."""
    return Order(
        portal=portal,
        settings=settings,
        mode=mode,
        columns=[one.url for one in settings.columns],
        limit=settings.recheck.limit if mode is Mode.RECHECK else None,
        ends_at=ends_at,
        job=job,
        slot=slot,
        contact=contact,
        version=version,
    )
