"""How each archive stands: what is in it, what its runs came to, and its room on the disk.

One that cannot be read says why, and hides none of the others; where there is only one, it is an
error.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.catalogue import Catalogue
from archive.checks import last_check
from archive.errors import ArchiveUnusableError, NoArchiveError
from archive.questions.odd_columns import OddColumn
from archive.questions.tallies import Tally
from archive.shelves import Shelf
from scheduler.back_off import PutOff, put_off
from scheduler.jobs import Job
from scheduler.settings import Settings

_SUMMED = (
    *("documents", "withdrawn", "versions", "bodies", "waiting"),
    *("changes", "changes_last_day", "changes_last_week"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Bytes that the archive takes with what is kept beside it, and bytes of the disk it is on."""

    archive: int
    free: int
    whole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveStanding:
    """How an archive stands, of the portal `portal` or, for None, of all.

    Where there is none yet, or `fault` says why it cannot be read, `totals` is None and the rest is
    empty. `tallies` are of all runs, `lately` of those that began lately. `walls` are the put-offs
    of portals, those that are over too; `last` the last run of each job, by the job's name.
    """

    shelf: Shelf
    disk: Disk
    last_verify: dict[str, Any] | None
    fault: str | None = None
    totals: dict[str, Any] | None = None
    tallies: list[Tally] = field(default_factory=list)
    lately: list[Tally] = field(default_factory=list)
    odd_columns: list[OddColumn] = field(default_factory=list)
    walls: dict[str, PutOff] = field(default_factory=dict)
    last: dict[str, dict[str, Any]] = field(default_factory=dict)


def archives_standing(
    settings: Settings, jobs: Iterable[Job], since_ms: int
) -> list[ArchiveStanding]:
    """How every archive stands; what is of lately began at `since_ms` or later.

    Raises ArchiveUnusableError when portals share an archive, and it cannot be read.
    """
    jobs = list(jobs)
    return [
        _standing(shelf, settings, jobs, since_ms)
        for shelf in settings.archive.shelves(settings.portals)
    ]


def total_of(archives: Iterable[ArchiveStanding]) -> dict[str, Any] | None:
    """What all archives hold; None where there is none. Of several there is no one ledger."""
    held = [one.totals for one in archives]
    if len(held) == 1:
        return held[0]
    known = [one for one in held if one is not None]
    if not known:
        return None
    sums = {name: sum(one[name] for one in known) for name in _SUMMED}
    return {**sums, "ledger_head": None, "last_seal": None}


def disk_of_all(archives: Iterable[ArchiveStanding]) -> Disk:
    """What all archives take, and the disk of theirs that has the least room left."""
    disks = [one.disk for one in archives]
    tightest = min(disks, key=lambda one: one.free)
    held = sum(one.archive for one in disks)
    return Disk(archive=held, free=tightest.free, whole=tightest.whole)


def _standing(shelf: Shelf, settings: Settings, jobs: list[Job], since_ms: int) -> ArchiveStanding:
    path = shelf.path
    disk, verified = _disk_of(path), last_check(path)
    portals = list(settings.portals) if shelf.portal is None else [shelf.portal]
    try:
        with Catalogue.open(path, settings.zone) as catalogue:
            judged = {key: put_off(catalogue.past_runs(key)) for key in portals}
            return ArchiveStanding(
                shelf=shelf,
                disk=disk,
                last_verify=verified,
                totals=catalogue.totals(),
                tallies=catalogue.tallies(),
                lately=catalogue.tallies(since_ms),
                odd_columns=catalogue.odd_columns(),
                walls={key: one for key, one in judged.items() if one is not None},
                last={
                    job.name: run
                    for job in jobs
                    if job.portal in portals
                    for run in catalogue.runs(portal=job.portal, mode=job.mode, limit=1)
                },
            )
    except NoArchiveError:
        return ArchiveStanding(shelf=shelf, disk=disk, last_verify=verified)
    except ArchiveUnusableError as error:
        if shelf.portal is None:
            raise
        return ArchiveStanding(shelf=shelf, disk=disk, last_verify=verified, fault=str(error))


def _disk_of(archive: Path) -> Disk:
    """The archive's bytes on its disk, and that disk's; of the first folder that there is."""
    held = 0
    for suffix in ("", "-wal", "-shm"):
        # A crawl that ends takes its log with it.
        with suppress(FileNotFoundError):
            held += archive.with_name(archive.name + suffix).stat().st_size
    folder = next((one for one in archive.absolute().parents if one.is_dir()), Path("/"))
    usage = shutil.disk_usage(folder)
    return Disk(archive=held, free=usage.free, whole=usage.total)
