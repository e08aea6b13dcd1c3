"""What does not fit together: its kinds, its identity, and when it began and ended.

Nothing of this is recorded. A conflict follows from the versions, the ledger and the calendar, so
each time it is worked out it has the same identity, and began and ended at the same moments.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Any

from archive.instants import to_iso

Row = dict[str, Any]


class ConflictKind(StrEnum):
    """What can be at odds."""

    PAST_REPEALED_ON = "past_repealed_on"
    """Shown as in force although its 废止日期 has passed."""
    PAST_OWN_TERM = "past_own_term"
    """Shown as in force although the period that it gave itself has run out."""
    REPEALED_BY_ANOTHER = "repealed_by_another"
    """Shown as in force although another document has ended it."""
    ENDED_TOO_EARLY = "ended_too_early"
    """Shown as ended although its end lies ahead and nothing ended it."""
    COLLISION = "collision"
    """Two documents go by one index number."""
    DIVERGENCE = "divergence"
    """Two copies of a document disagree."""
    SERIAL_GAP = "serial_gap"
    """A series of index numbers has gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One conflict, open while `resolved_ms` is None.

    `index_number` is of the document concerned. `evidence` are plain values that depend on the
    kind; `document_ids` are the documents that it concerns.
    """

    id: str
    kind: ConflictKind
    portal: str
    index_number: str | None
    evidence: Row
    first_seen_ms: int
    resolved_ms: int | None
    document_ids: tuple[int, ...] = ()

    def as_json(self, zone: tzinfo) -> Row:
        """The conflict as a row of `conflicts`."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "index_number": self.index_number,
            "evidence": self.evidence,
            "first_seen": to_iso(self.first_seen_ms, zone),
            "resolved_at": None if self.resolved_ms is None else to_iso(self.resolved_ms, zone),
        }


def in_order(one: Conflict) -> tuple[int, int, str]:
    """What conflicts are sorted by: the oldest first."""
    return one.first_seen_ms, list(ConflictKind).index(one.kind), one.id


def conflict_id(kind: ConflictKind, *subjects: str, spell: int) -> str:
    """The identity of a conflict of these subjects, the `spell`-th time that there is one."""
    text = "\n".join((kind.value, *subjects, str(spell)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
