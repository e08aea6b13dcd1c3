"""What a change's text was and is, whole: the ledger quotes the first two thousand characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.catalogue import Catalogue
from archive.comparison import Kind
from archive.errors import YangeError
from archive.readings import Readers
from archive.telling.wording import Row
from scheduler.telling.filters import Texts

if TYPE_CHECKING:
    from archive.across.library import Library

_CUT = "…"


class WholeTexts:
    """Looks texts up where the ledger's excerpt is not all of them."""

    def __init__(self, catalogue: Catalogue | Library, readers: Readers) -> None:
        self._catalogue = catalogue
        self._readers = readers

    def __call__(self, row: Row) -> Texts:
        """What was there before and what is there now; of a new document, its text."""
        catalogue = self._catalogue.of(row["portal"])
        try:
            if row["kind"] == Kind.CREATED:
                shown = catalogue.show(row["url"], version=row["version"])
                return None, str(shown["text"])
            if row["kind"] == Kind.CONTENT and self._is_cut(row):
                version = row["version"]
                revision = catalogue.revision(row["url"], self._readers, version - 1, version)
                changed = [line for line in revision.comparison.text if line.op != "equal"]
                return (
                    "\n".join(line.before for line in changed if line.before is not None),
                    "\n".join(line.after for line in changed if line.after is not None),
                )
        except YangeError:
            # The address has passed to another document since: the excerpt is what there is.
            pass
        return row["before"], row["after"]

    @staticmethod
    def _is_cut(row: Row) -> bool:
        return any((row[side] or "").endswith(_CUT) for side in ("before", "after"))
