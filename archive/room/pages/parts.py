"""What several pages gather in the same way."""

from __future__ import annotations

from typing import Any, NamedTuple

from archive.room.visit import Visit

Row = dict[str, Any]

STATE_SECONDS = 5
"""How old what pages show of the daemon and the totals may be: counting takes a while."""


class Chip(NamedTuple):
    """A filter that is set: what it says, and the address without it."""

    name: str
    without: str


def portal_columns(visit: Visit) -> list[Row]:
    """The columns that are known, `{portal, url, name}` each: configured, or found."""
    known: dict[str, Row] = {}
    for portal in visit.works.portals():
        for column in portal["columns"]:
            known[column["url"]] = {"portal": portal["portal"], **column}
    for past in visit.catalogue.columns_past(last=1):
        entry = known.setdefault(past.url, {"portal": past.portal, "url": past.url, "name": None})
        entry["name"] = entry["name"] or past.name
    return [{**one, "name": one["name"] or _short(one["url"])} for one in known.values()]


def named(visit: Visit) -> dict[str, str]:
    """The names of the known columns by their addresses."""
    return {one["url"]: one["name"] for one in portal_columns(visit)}


def _short(url: str) -> str:
    """The end of an address, where it says most."""
    path = url.removesuffix("/").removesuffix("/index.html")
    return "…/" + "/".join(path.split("/")[-2:])
