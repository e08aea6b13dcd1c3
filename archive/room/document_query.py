"""The filters of documents as they stand in an address: for the page, downloads and the API."""

from __future__ import annotations

from archive.errors import ConfigurationError
from archive.room.change_query import watch_list
from archive.room.visit import Visitor
from archive.selection import Selection
from archive.when import NotAnInstantError, end_of, start_of

_DATES = ("published_from", "published_to", "written_from", "written_to")
NAMES = (
    *("portal", "validity", "agency", "category", *_DATES, "changed_since", "status"),
    *("watch", "as_of"),
)
"""The parameters; those of the command line's `list`, and `watch`."""
STATUSES = ("current", "withdrawn")


def selection(visitor: Visitor) -> Selection:
    """What the address asks for. Raises ConfigurationError for a value that means nothing."""
    zone = visitor.sources.zone
    given = {name: visitor.given(name) for name in NAMES}
    for name in _DATES:
        value = given[name]
        # A whole date, since dates are compared as text.
        if value is not None and (len(value) != 10 or not start_of(value, zone)):
            raise NotAnInstantError(value)
    if given["status"] not in (None, *STATUSES):
        raise ConfigurationError(f"status is one of {', '.join(STATUSES)}")
    changed_since, as_of = given.pop("changed_since"), given.pop("as_of")
    del given["watch"]
    return Selection(
        watch=watch_list(visitor),
        changed_since_ms=None if changed_since is None else start_of(changed_since, zone),
        as_of_ms=None if as_of is None else end_of(as_of, zone),
        **given,
    )
