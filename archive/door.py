"""The door through which commands come to the archive, or to those of several portals."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

import click

from archive.across.opening import open_archives
from archive.catalogue import Catalogue
from archive.database import translated_errors
from archive.errors import ArchiveUnusableError, NoArchiveError
from archive.shelves import PORTAL, Shelf, path_for
from archive.terminal import visible

if TYPE_CHECKING:
    from archive.across.library import Library
    from archive.settings import ArchiveSettings

_T = TypeVar("_T")
_FAILED, _INCOMPLETE = 1, 3
# Of portals without an archive, since there can be thousands.
_NAMED = 10


class Desk(Protocol):
    """What it takes to find the archives."""

    @property
    def kept(self) -> ArchiveSettings:
        """Where the archive is kept, or each portal's."""

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which instants are read and shown."""

    @property
    def portals(self) -> tuple[str, ...]:
        """The keys of the configured portals."""

    def fall_short(self, status: int) -> None:
        """Have the command leave with this exit status although it has found something."""


of_portal = click.option("--portal", metavar="KEY", help="Of this portal.")
archive_of_portal = click.option("--portal", metavar="KEY", help="The archive of this portal.")


@contextmanager
def open_catalogue(
    desk: Desk, portal: str | None = None, *, for_one: bool = False
) -> Iterator[Catalogue | Library]:
    """The archive, for reading; where each portal has one of its own, all, or that of `portal`.

    Where only one is asked for, what is wrong with it is raised. Of several those that cannot be
    read are named when the others have answered, and the command falls short of its success; not
    so where it is `for_one` document, or the like, and that was found.
    """
    if portal is None:
        opened = open_archives(desk.kept, desk.portals, desk.timezone)
    else:
        opened = _opened(desk, portal)
    with opened as catalogue:
        is_found = False
        try:
            yield catalogue
            is_found = for_one
        except sqlite3.DatabaseError:
            # A damaged page can be come upon anywhere.
            path = catalogue.path if isinstance(catalogue, Catalogue) else desk.kept.path
            with translated_errors(path):
                raise
        finally:
            if not is_found:
                tell_faults(desk, dict(catalogue.faults))


def _opened(desk: Desk, portal: str) -> Catalogue:
    """The archive of one portal, in which its documents alone are found."""
    if desk.kept.is_split:
        _refuse_stranger(portal, desk.portals)
    catalogue = Catalogue.open(desk.kept.path_of(portal), desk.timezone, portal=portal)
    if portal not in desk.portals and portal not in (held := catalogue.portals()):
        catalogue.close()
        _refuse_stranger(portal, (*desk.portals, *held))
    return catalogue


def shelves(desk: Desk, portal: str | None = None) -> list[Shelf]:
    """The archives that a command does something to one by one: all, or the one of `portal`."""
    if portal is not None:
        _refuse_stranger(portal, desk.portals)
    return desk.kept.shelves(desk.portals if portal is None else [portal])


@dataclass(frozen=True, slots=True)
class Done(Generic[_T]):
    """What came of something that was done to each archive; `is_one` where one was meant."""

    each: list[tuple[Shelf, _T]]
    is_one: bool

    def of(self, shelf: Shelf) -> str:
        """What a line about an archive begins with: its portal, where it is one of several."""
        return "" if self.is_one else f"{shelf.portal}: "

    def as_json(self, tell: Callable[[_T], dict[str, Any]]) -> dict[str, Any]:
        """What is told of each, as it is of one, and by portal of several."""
        if self.is_one:
            return tell(self.each[0][1])
        return {"archives": [{"portal": shelf.portal, **tell(one)} for shelf, one in self.each]}


def for_each(desk: Desk, portal: str | None, do: Callable[[Shelf], _T]) -> Done[_T]:
    """Do something to each archive, or to that of `portal`, one after another.

    Of several, those that it cannot be done to are named at the end, and the command falls short.
    """
    asked = shelves(desk, portal)
    if len(asked) == 1:
        return Done([(asked[0], do(asked[0]))], is_one=True)
    done, faults = [], {}
    for shelf in asked:
        try:
            done.append((shelf, do(shelf)))
        except ArchiveUnusableError as error:
            faults[str(shelf.portal)] = error
    if not done and all(isinstance(error, NoArchiveError) for error in faults.values()):
        raise next(iter(faults.values()))
    tell_faults(desk, faults)
    return Done(done, is_one=False)


def one_shelf(desk: Desk, portal: str | None, why: str) -> Shelf:
    """The archive of `portal`, or the only one; `why` says why it has to be one."""
    found = shelves(desk, portal)
    if len(found) > 1:
        raise click.UsageError(
            f"each portal has an archive of its own, and {why}; say with --portal which is meant"
        )
    return found[0]


def target_of(desk: Desk, portal: str | None, path: Path, why: str) -> Callable[[Shelf], Path]:
    """Where what is made of each archive goes: into files named by {portal} in `path`.

    One archive's goes to `path` itself; none goes where an archive is. `why` says why each needs a
    file of its own.
    """
    found = shelves(desk, portal)
    if len(found) > 1 and PORTAL not in str(path):
        raise click.UsageError(
            f"each portal has an archive of its own, and {why}; write {PORTAL} into the path, or"
            " say with --portal which is meant"
        )

    def target(shelf: Shelf) -> Path:
        named = path if shelf.portal is None else path_for(path, shelf.portal)
        refuse_archives(desk, named)
        return named

    return target


def refuse_archives(desk: Desk, path: Path) -> None:
    """Refuse to write over any of the archives. Raises ConfigurationError."""
    # Here, since every command passes through this module.
    from archive.export.target import refuse_archive

    for shelf in desk.kept.shelves(desk.portals):
        refuse_archive(path, shelf.path)


def tell_faults(desk: Desk, faults: dict[str, ArchiveUnusableError]) -> None:
    """Name the archives that could not be read, and have the command leave accordingly."""
    missing = [portal for portal, error in faults.items() if isinstance(error, NoArchiveError)]
    for portal, error in faults.items():
        if portal not in missing:
            click.echo(f"yange: {portal}: {visible(str(error))}", err=True)
            desk.fall_short(_FAILED)
    if missing:
        named = ", ".join(missing[:_NAMED])
        rest = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        click.echo(
            f"yange: there is no archive yet of {named}{rest}; `yange crawl` makes it", err=True
        )
        desk.fall_short(_INCOMPLETE)


def _refuse_stranger(portal: str, known: Iterable[str]) -> None:
    """Refuse the name of a portal that is neither configured nor in the archive."""
    if portal not in known:
        raise click.BadParameter(
            f"there is no portal {portal!r}; there is {', '.join(sorted({*known}))}",
            param_hint="--portal",
        )
