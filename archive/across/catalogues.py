"""The catalogues of several archives: a question is put to each, and none that fails hides others.

An archive that is missing or damaged is left out of the answer, and remembered, so that whoever
asked can say that there is more than what was found.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

from archive.catalogue import Catalogue
from archive.database import translated_errors
from archive.errors import ArchiveUnusableError, ConfigurationError, NoArchiveError, NotFoundError

_T = TypeVar("_T")


# SQLite's of one archive that is open, and those of everything else.
_FILES, _OTHER_FILES = 3, 64
# A reading room's.
_THREADS = 7


class Fault(NamedTuple):
    """An archive that could not be asked, and why."""

    portal: str
    error: ArchiveUnusableError


class WhichPortalError(ConfigurationError):
    """A number that several archives have given."""

    def __init__(self, what: str, portals: Iterable[str]) -> None:
        super().__init__(
            f"{what} is in the archives of {', '.join(portals)}; say which is meant with --portal"
        )


class Catalogues:
    """The catalogues of those archives that there are, by the keys of their portals."""

    def __init__(self, opened: Mapping[str, Catalogue], faults: Iterable[Fault]) -> None:
        self._opened = dict(sorted(opened.items()))
        self._faults = {one.portal: one for one in faults}

    @classmethod
    def open(cls, archives: Mapping[str, Path], zone: tzinfo, *, hurried: bool) -> Self:
        """Open the archives at these paths, as far as they can be.

        Raises NoArchiveError where there is none at all.
        """
        _allow_files(len(archives))
        opened, faults = {}, []
        for portal, path in archives.items():
            try:
                opened[portal] = Catalogue.open(path, zone, hurried=hurried)
            except ArchiveUnusableError as error:
                faults.append(Fault(portal, error))
        if not opened and all(isinstance(one.error, NoArchiveError) for one in faults):
            raise faults[0].error
        return cls(opened, faults)

    def close(self) -> None:
        """Let go of the files."""
        for catalogue in self._opened.values():
            catalogue.close()

    @property
    def portals(self) -> list[str]:
        """The portals whose archives are open, in the order of their keys."""
        return list(self._opened)

    @property
    def faults(self) -> list[Fault]:
        """The archives that could not be asked so far, in the order of their keys."""
        return [self._faults[portal] for portal in sorted(self._faults)]

    def of(self, portal: str) -> Catalogue:
        """The catalogue of one portal's archive; raises what is wrong with it."""
        if portal in self._opened:
            return self._opened[portal]
        if portal in self._faults:
            raise self._faults[portal].error
        raise NotFoundError(f"there is no archive of a portal {portal!r}")

    def each(
        self, question: Callable[[Catalogue], _T], *, portal: str | None = None
    ) -> dict[str, _T]:
        """The answer of every catalogue, or of one portal's, by portal."""
        answers = {}
        for key, catalogue in self._asked(portal):
            try:
                with translated_errors(catalogue.path):
                    answers[key] = question(catalogue)
            except ArchiveUnusableError as error:
                self._note(key, error)
        return answers

    def streams(
        self, question: Callable[[str, Catalogue], Iterable[_T]], *, portal: str | None = None
    ) -> list[Iterator[_T]]:
        """What each answers, or one portal's, read as it is asked for."""
        return [self._stream(key, one, question) for key, one in self._asked(portal)]

    def that_know(self, what: str, question: Callable[[Catalogue], object]) -> str:
        """The portal of the one archive to which a question does not raise NotFoundError.

        `what` names what is looked for. Raises WhichPortalError where there are several.
        """
        knowing = []
        missing = NotFoundError(f"no archive knows of {what}")
        for key, catalogue in self._asked(None):
            try:
                with translated_errors(catalogue.path):
                    question(catalogue)
            except NotFoundError as error:
                missing = error
            except ArchiveUnusableError as error:
                self._note(key, error)
            else:
                knowing.append(key)
        if not knowing:
            raise missing
        if len(knowing) > 1:
            raise WhichPortalError(what, knowing)
        return knowing[0]

    def _asked(self, portal: str | None) -> list[tuple[str, Catalogue]]:
        return [pair for pair in self._opened.items() if portal in (None, pair[0])]

    def _stream(
        self, key: str, catalogue: Catalogue, question: Callable[[str, Catalogue], Iterable[_T]]
    ) -> Iterator[_T]:
        try:
            with translated_errors(catalogue.path):
                yield from question(key, catalogue)
        except ArchiveUnusableError as error:
            self._note(key, error)

    def _note(self, portal: str, error: ArchiveUnusableError) -> None:
        self._faults.setdefault(portal, Fault(portal, error))


def _allow_files(archives: int) -> None:
    """Let this process have as many files open as the system lets it, if so many archives need it.

    What is usual, 1024, is soon reached by several threads that each read all archives.
    """
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if least != most and _THREADS * _FILES * archives + _OTHER_FILES > least:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
