"""Where the reading room shows what is told of: addresses that stay valid, by a base address."""

from __future__ import annotations

from dataclasses import dataclass

from archive.across.held import Held
from archive.telling.change import makes_version
from archive.telling.wording import Row


@dataclass(frozen=True, slots=True)
class RoomPages:
    """The pages of the reading room at `base`, an address without a slash at its end."""

    base: str

    def change(self, row: Row, document: int) -> str:
        """The comparison that a change belongs to; without one, its document."""
        if makes_version(row):
            return f"{self.document(document)}/compare/{row['version'] - 1}...{row['version']}"
        return self.document(document)

    def changes(self) -> str:
        """All changes, the newest first."""
        return f"{self.base}/changes"

    def run(self, run_id: int) -> str:
        """A run, with its figures and its log."""
        return f"{self._at(run_id)}/runs/{run_id}"

    def calendar(self) -> str:
        """What will run out, the soonest first."""
        return f"{self.base}/calendar"

    def document(self, document: int) -> str:
        """A document as it stands now."""
        return f"{self._at(document)}/documents/{document}"

    def _at(self, number: int) -> str:
        """Where the archive is shown that gave a number: below its portal, if there are several."""
        return below(self.base, number.portal) if isinstance(number, Held) else self.base


def below(base: str, portal: str) -> str:
    """Where the reading room at `base` shows the archive of one portal among several."""
    return f"{base}/portals/{portal}"
