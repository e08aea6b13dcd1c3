"""What `verify` says of archives: of one, or of each portal's and of all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from archive.errors import ArchiveUnusableError, NoArchiveError
from archive.fixity import Fixity
from archive.shelves import Shelf

Row = dict[str, Any]

_SUMMED = ("documents", "versions", "bodies", "ledger_length")


class Checked(NamedTuple):
    """An archive and what was found of it: `found`, or `error` where it could not be read."""

    shelf: Shelf
    found: Fixity | None
    error: ArchiveUnusableError | None

    @property
    def is_missing(self) -> bool:
        """Whether there is no archive, so that there was nothing to check."""
        return isinstance(self.error, NoArchiveError)

    @property
    def problems(self) -> tuple[str, ...]:
        """What does not hold, in sentences."""
        if self.found is not None:
            return self.found.problems
        return () if self.is_missing else (str(self.error),)


def as_json(checked: Sequence[Checked], *, since: str | None) -> Row:
    """One archive as `verify --json` prints it; of several, the sums and each of them."""
    if len(checked) == 1 and (found := checked[0].found) is not None:
        return _told(checked[0], found, since)
    known = [one.found for one in checked if one.found is not None]
    return {
        "ok": not any(one.problems for one in checked),
        "since": since,
        **{name: sum(getattr(one, name) for one in known) for name in _SUMMED},
        "ledger_head": None,
        "seal": None,
        "problems": [f"{one.shelf.portal}: {said}" for one in checked for said in one.problems],
        "archives": [
            {
                "portal": one.shelf.portal,
                "archive": str(one.shelf.path),
                **(_told(one, one.found, since) if one.found else _unread(one)),
            }
            for one in checked
        ],
    }


def _told(one: Checked, found: Fixity, since: str | None) -> Row:
    return {
        "ok": found.ok,
        "since": since,
        **{name: getattr(found, name) for name in _SUMMED},
        "ledger_head": found.ledger_head,
        "seal": found.seal,
        "problems": list(one.problems),
    }


def _unread(one: Checked) -> Row:
    """An archive of which nothing is known; `ok` is null where there is none."""
    nothing = dict.fromkeys((*_SUMMED, "ledger_head", "seal"))
    return {"ok": None if one.is_missing else False, **nothing, "problems": list(one.problems)}


def in_words(found: Fixity) -> Iterator[str]:
    """What was found of one archive, in lines."""
    yield from found.problems
    held = "everything holds" if found.ok else f"{len(found.problems)} things do not hold"
    yield (
        f"{held}: {found.documents} documents, {found.versions} versions,"
        f" {found.bodies} bodies, {found.ledger_length} changes"
    )
    yield f"ledger head {found.ledger_head}"
    if found.seal is not None:
        yield f"last seal   {found.seal}"
    if found.not_reread:
        yield (
            f"{found.not_reread} readings were made by readers that this yange no longer has;"
            " their bytes were checked, what was read of them could not be"
        )
