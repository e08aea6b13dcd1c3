"""Whether there is so much on its way that nothing more is to be published, and why: pure."""

from __future__ import annotations

from scheduler.fleet.settings import FleetSettings

_MEGABYTE = 1_000_000


def full(settings: FleetSettings, spools: int, spool_bytes: int, free: float | None) -> str | None:
    """Why no order may be published, in a sentence; None if one may.

    `spools` wait to be ingested and take `spool_bytes`; `free` are megabytes of the shared folder.
    """
    if spools > settings.waiting_spools:
        return (
            f"{spools:,} spools wait to be ingested, and {settings.waiting_spools:,} may"
            " (fleet.waiting_spools)"
        )
    if spool_bytes > settings.waiting_megabytes * _MEGABYTE:
        return (
            f"spools of {spool_bytes / _MEGABYTE:,.0f} MB wait to be ingested, and"
            f" {settings.waiting_megabytes:,} may (fleet.waiting_megabytes)"
        )
    if free is not None and free < settings.free_megabytes:
        return (
            f"the disk with the spools has only {free:,.0f} MB free, and"
            f" {settings.free_megabytes:,} are to be (fleet.free_megabytes)"
        )
    return None


def crowded(settings: FleetSettings, orders: int) -> str | None:
    """Why others have to wait for open orders to be closed; None if there is room."""
    if orders < settings.open_orders:
        return None
    return f"{orders:,} orders are open, and {settings.open_orders:,} may (fleet.open_orders)"
