"""How a choice of what to reread looks to a person, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from rich.table import Table
from rich.text import Text

from archive import presentation as people
from archive.due.assessment import Due
from archive.instants import to_iso

Row = dict[str, Any]

_YEAR_DAYS = 365.25
_UNITS = (("year", _YEAR_DAYS), ("month", _YEAR_DAYS / 12), ("week", 7.0), ("day", 1.0))
# "every 20 months" rather than "every 2 years": below so many of a unit the next one is clearer.
_AT_LEAST = 1.75


def in_words(changes_a_day: float) -> str:
    """A rate as a person would put it: `about every 9 months`."""
    if changes_a_day * 100 * _YEAR_DAYS < 1:
        return "less than once a century"
    days = 1 / changes_a_day
    if days < 1:
        return "more than once a day"
    name, length = next(
        (unit for unit in _UNITS if days >= _AT_LEAST * unit[1]), ("day", _UNITS[-1][1])
    )
    number = round(days / length)
    return f"about every {number} {name}s" if number > 1 else f"about every {name}"


def due_row(portal: str, limit: int, asked_ceiling: float, due: Due, zone: tzinfo) -> Row:
    """A choice as `due` gives it."""
    return {
        "portal": portal,
        "documents": due.documents,
        "locations": due.locations,
        "limit": limit,
        "every_days": due.every_days,
        "ceiling_days": asked_ceiling,
        "kept_ceiling_days": due.ceiling_days,
        "changes_a_year": due.changes_a_day * _YEAR_DAYS,
        "delay_days": due.delay_days,
        "weighted_delay_days": due.weighted_delay_days,
        "chosen": [
            {
                "index_number": one.index_number,
                "title": one.title,
                "url": one.url,
                "last_seen": None if one.last_seen_ms is None else to_iso(one.last_seen_ms, zone),
                "changes_a_year": one.rate * _YEAR_DAYS,
                "rate": in_words(one.rate),
                "visits": one.visits,
                "changes": one.changes,
                "force": one.force.value,
                "weight": one.weight,
                "reason": one.reason.value,
            }
            for one in due.chosen
        ],
    }


def due_tables(row: Row) -> Iterable[Table | Text]:
    """The table of `due`, and what is to be expected."""
    laid_out = people.table("document", "title", "last seen", "changes", "seen", "weight", "why")
    for one in row["chosen"]:
        laid_out.add_row(
            one["index_number"] or Text(one["url"], style="dim"),
            one["title"],
            (one["last_seen"] or "never")[:10],
            one["rate"],
            f"{one['changes']:g} in {one['visits']:g} visits",
            f"{one['weight']:g} ({one['force']})",
            one["reason"],
        )
    yield laid_out
    yield Text(
        f"{row['portal']}: {len(row['chosen'])} of {row['locations']} locations of"
        f" {row['documents']} documents, asked every {row['every_days']:.3g} days"
    )
    yield Text(
        f"about {row['changes_a_year']:.3g} changes a year are to be expected; asked so, one is"
        f" noticed after {row['delay_days']:.3g} days on average,"
        f" {row['weighted_delay_days']:.3g} by legal force"
    )
    if row["kept_ceiling_days"] > row["ceiling_days"]:
        yield Text(
            f"the ceiling of {row['ceiling_days']:g} days cannot be kept with so few;"
            f" {row['kept_ceiling_days']:.4g} days are kept",
            style="yellow",
        )
