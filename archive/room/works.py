"""What the reading room shows of the works around the archive: portals, jobs, and runs' logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

Row = dict[str, Any]


class Works(Protocol):
    """Whoever runs the crawls, as far as the reading room asks about them."""

    def of(self, portal: str) -> Works:
        """The same of one portal alone."""

    def portals(self) -> Sequence[Row]:
        """The configured portals: `{portal, name, columns: [{url, name}]}` each."""

    def state(self) -> Row:
        """The members of `status --json`: daemon, jobs with their next times, totals."""

    def log(
        self, run_id: int, *, level: str | None = None, limit: int = 500
    ) -> tuple[Sequence[Row], bool]:
        """The newest events of a run's log, oldest first, and whether there are earlier ones.

        An event has `timestamp`, `level` and `event`, and whatever else was said. `level` is the
        least that is given. Empty where no log is kept.
        """
