"""What the reading room is told of the works around the archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archive.errors import YangeError
from scheduler.settings import Settings
from scheduler.state import state

Row = dict[str, Any]


class Works:
    """The configured portals, how their jobs stand, and what runs have logged."""

    def __init__(self, settings: Settings, portal: str | None = None) -> None:
        """Of all portals, or of one."""
        self._settings = settings if portal is None else settings.of(portal)
        self._portal = portal

    def of(self, portal: str) -> Works:
        """The same of one portal alone."""
        return Works(self._settings, portal)

    def portals(self) -> Sequence[Row]:
        """The configured portals: `{portal, name, columns: [{url, name}]}` each."""
        return [
            {
                "portal": key,
                "name": one.name,
                "columns": [{"url": column.url, "name": column.name} for column in one.columns],
            }
            for key, one in self._settings.portals.items()
        ]

    def state(self) -> Row:
        """The members of `status --json`."""
        return state(self._settings, datetime.now(self._settings.zone))

    def log(
        self, run_id: int, *, level: str | None = None, limit: int = 500
    ) -> tuple[Sequence[Row], bool]:
        """The newest events of a run's log, oldest first, and whether there are earlier ones."""
        path = self._settings.log.file
        if path is None:
            return [], False
        # Here, since a room without a log does without it.
        from scheduler.log_reader import LogFilter, newest

        try:
            found = newest(path, LogFilter(run=run_id, level=level, portal=self._portal), limit + 1)
        except OSError as error:
            raise YangeError(f"the log {path} cannot be read: {error.strerror}") from error
        # A line that says which run it is of is one of ours.
        events = [event.data for event in found if event.data is not None]
        return events[-limit:], len(found) > limit
