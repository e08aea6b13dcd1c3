"""What the reading room is told of the works around the archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from scheduler.settings import Settings
from scheduler.state import state

Row = dict[str, Any]


class Works:
    """The configured portals, how their jobs stand, and what runs have logged."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

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
        self,
        run_id: int,  # noqa: ARG002
        *,
        level: str | None = None,  # noqa: ARG002
        limit: int = 500,  # noqa: ARG002
    ) -> tuple[Sequence[Row], bool]:
        """The newest events of a run's log, oldest first, and whether there are earlier ones."""
        return [], False
