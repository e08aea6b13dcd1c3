"""Numbers of documents, runs and the like, where there are several archives that give them."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


class Held(int):
    """A number that an archive gave: `portal` is the portal that it is the archive of.

    The same number given by another archive is another. To whoever prints it, or puts it to the
    archive that it is of, it is a number like any.
    """

    portal: str

    def __new__(cls, number: int, portal: str) -> Held:
        """The number as that portal's archive gave it."""
        made = super().__new__(cls, number)
        made.portal = portal
        return made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Held) and self.portal != other.portal:
            return False
        return int.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __reduce__(self) -> tuple[type[Held], tuple[int, str]]:
        return Held, (int(self), self.portal)


def held(portal: str, row: Row, *names: str) -> Row:
    """The row with what it has under these names said to be that portal's."""
    numbers = {name: Held(row[name], portal) for name in names if row.get(name) is not None}
    return {**row, **numbers}
