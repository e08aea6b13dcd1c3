"""What a crawl asks of whoever keeps what it finds, and what it tells them.

An archive is one keeper. Where a crawl is carried out from an order, without an archive, another
one answers from the order and writes down what it is told (docs/orders.md). The crawl does not know
which of them it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from archive.agenda import Target
from archive.capture import Capture, ColumnVisit, KeptFile, ListedRow
from archive.files import KnownFile
from archive.reading import LinkedFile
from archive.recording import Recorded
from archive.subtrees import KnownColumn


class Keeper(Protocol):
    """One run's keeper; `archive.archive.Archive` says what each method means.

    Methods raise YangeError where the keeper cannot go on.
    """

    # --- what a crawl needs to know -----------------------------------------------------------

    def frontier(self) -> Iterable[str]:
        """The addresses that lists have shown and that have not been fetched yet."""

    def known_locations(self, *, conditional: bool) -> Iterable[Target]:
        """The locations of all documents."""

    def due_locations(self, limit: int, *, ceiling_days: float) -> Iterable[Target]:
        """The `limit` locations whose rereading is worth most."""

    def leads_to(self, url: str) -> str | None:
        """The address of the live location that a moved one leads to, or None."""

    def recall(self, url: str, sha256: bytes | None = None) -> tuple[LinkedFile, ...] | None:
        """The attachments of what stands at `url`, if its bytes are those received there last."""

    def known_file(self, url: str) -> KnownFile | None:
        """What is known of an attachment's address."""

    def is_beginning_of_known(self, url: str, body: bytes) -> bool:
        """Whether these bytes are but the beginning of what an attachment's address gave last."""

    def known_columns(self) -> list[KnownColumn]:
        """Every column that was ever walked or found."""

    def is_walked(self, under: str) -> bool:
        """Whether columns were ever searched for from the page at `under`."""

    def column_is_complete(self, column: str) -> bool:
        """Whether the column has once been walked to its end."""

    # --- what it tells ------------------------------------------------------------------------

    def record(self, capture: Capture) -> Recorded:
        """Keep one capture; what became of it."""

    def keep_file(self, url: str, body: bytes, headers: dict[str, str]) -> KeptFile:
        """Keep an attachment's bytes ahead of the capture that they belong to."""

    def confirm_file(self, url: str) -> None:
        """An attachment's server said that it has not changed."""

    def note_failed_file(self) -> None:
        """Count an attachment that could not be fetched through a fault of its server."""

    def note_rows(self, column: str, rows: Sequence[ListedRow]) -> list[ListedRow]:
        """Note a list page's rows as to be fetched; those not known yet are returned."""

    def note_visit(self, visit: ColumnVisit) -> str | None:
        """Note how a column was visited; what is known to be wrong with it, or None."""

    def note_found(self, url: str, name: str, under: str) -> None:
        """Note that a column was found at `url` from the page at `under`."""

    def note_present(self, url: str) -> None:
        """Note that a found column which was absent answers again."""

    def note_absent(self, url: str, *, in_sweep: bool) -> KnownColumn:
        """Note that a found column did not answer as one; what is known of it now."""

    def note_walked(self, under: str) -> None:
        """Note that columns were searched for from the page at `under`."""
