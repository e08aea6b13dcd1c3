"""The readers of pages, as the configuration of each portal wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ConfigurationError
from archive.reading import Reader

if TYPE_CHECKING:
    from scheduler.settings import Settings


class Readers:
    """Makes the reader a portal is read with now, and those that earlier readings were made with.

    The module that reads pages is loaded when the first reader is asked for: commands that only
    look into the archive do without it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._current: dict[str, Reader] = {}

    def current(self, portal: str) -> Reader:
        """The reader for `portal` (its key). ConfigurationError if it is not configured."""
        if portal not in self._current:
            self._current[portal] = self._make(portal)
        return self._current[portal]

    def restore(self, name: str, settings: str) -> Reader | None:
        """The reader called `name` with these settings, or None if this version has it no more."""
        from crawler.reading import PageReader

        try:
            reader: Reader = PageReader.from_settings(settings)
        except ValueError:  # settings of another version, which this one does not understand
            return None
        return reader if reader.name == name else None

    def _make(self, portal: str) -> Reader:
        from crawler.reading import PageReader, ReaderSettings

        settings = self._settings.portals.get(portal)
        if settings is None:
            raise ConfigurationError(f"no portal is called {portal!r} in the configuration")
        return PageReader(
            ReaderSettings(
                timezone=self._settings.timezone,
                labels=settings.labels,
                body=settings.body,
                notices=settings.notices,
            )
        )
