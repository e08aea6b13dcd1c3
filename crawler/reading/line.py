"""One line of a document's text while it is being made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.reading import LinkedFile


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or a table row, and the files that it links to.

    `text` is `""` for a line that shows nothing but a picture; `unlinked` is what of it stands
    outside links to other pages.
    """

    text: str
    unlinked: str
    files: tuple[LinkedFile, ...] = ()

    @classmethod
    def of_row(cls, cells: Sequence[str], parts: Iterable[Line]) -> Line:
        """The row with those cells, made of `parts`."""
        parts = tuple(parts)
        return cls(
            "\t".join(cells),
            "".join(part.unlinked for part in parts),
            tuple(file for part in parts for file in part.files),
        )


def joined(lines: Iterable[Line]) -> str:
    """Lines as the text of one cell."""
    cells = (cell for line in lines for cell in line.text.split("\t"))
    return " ".join(cell for cell in cells if cell)
