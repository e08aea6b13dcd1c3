"""The filters on documents as options of a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import click

from archive.fields import Validity
from archive.selection import Selection
from archive.when import NotAnInstantError, end_of, start_of

_OPTIONS = (
    click.option("--portal", help="Documents of this portal."),
    click.option("--validity", help=f"{', '.join(Validity)}; or the portal's own word."),
    click.option("--agency", help="Documents of agencies with this in their name."),
    click.option("--category", help="Documents with this in their category."),
    click.option("--published-from", metavar="DATE", help="Published on this day or later."),
    click.option("--published-to", metavar="DATE", help="Published on this day or earlier."),
    click.option("--written-from", metavar="DATE", help="Written on this day or later."),
    click.option("--written-to", metavar="DATE", help="Written on this day or earlier."),
    click.option("--changed-since", metavar="WHEN", help="With a version recorded since then."),
    click.option("--status", type=click.Choice(["current", "withdrawn"]), help="With this status."),
    click.option(
        "--as-of",
        metavar="WHEN",
        help="As the documents stood then; a date is its end. The filters are about that state.",
    ),
)
_DATES = ("published_from", "published_to", "written_from", "written_to")


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the filters; it hands them on to `selected`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def selected(
    zone: ZoneInfo, *, changed_since: str | None, as_of: str | None, **filters: str | None
) -> Selection:
    """The documents that the options ask for. Raises NotAnInstantError."""
    for name in _DATES:
        value = filters[name]
        # A whole date, since dates are compared as text.
        if value is not None and (len(value) != 10 or not start_of(value, zone)):
            raise NotAnInstantError(value)
    return Selection(
        changed_since_ms=None if changed_since is None else start_of(changed_since, zone),
        as_of_ms=None if as_of is None else end_of(as_of, zone),
        watch=None,
        **filters,
    )
