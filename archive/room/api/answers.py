"""What the API answers at each of its doors: the words of docs/json.md, with links."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from archive.catalogue import Catalogue
from archive.errors import ConfigurationError, NotFoundError
from archive.questions.chronicle import ChangeFilter
from archive.questions.run_days import RunFilter
from archive.room import paging
from archive.room.api import links
from archive.room.api.parameters import as_of_ms, captures_of, is_set, limit_of, offset_of
from archive.room.change_query import change_filter, number, watch_list
from archive.room.concluding import questions
from archive.room.document_query import selection
from archive.room.pages.force import PATIENCE, day_asked, today
from archive.room.visit import Visit
from archive.selection import Order

Row = dict[str, Any]

_CONCLUDED = ("claims", "conflicts", "in_force", "calendar")
# What the page of changes shows of an entry besides the members of `changes`.
_OF_THE_PAGE = ("document", "compares", "validity_before", "validity_after")


def entrance(visit: Visit) -> Row:
    """Where everything else begins."""
    names = ("documents", "search", "changes", "runs", "captures", "status", *_CONCLUDED)
    beginnings = {name: visit.url(f"api_{name}") for name in names}
    description = visit.url("openapi")
    return {"links": {"self": visit.here(), **beginnings, "description": description}}


def documents(visit: Visit) -> Row:
    """The documents that match, as `list` has them."""
    limit, offset = limit_of(visit), offset_of(visit)
    found = visit.catalogue.browse(
        selection(visit), Order.BY_PORTAL, limit=limit + 1, offset=offset
    )
    items = [links.document(visit, document, row) for document, row in found[:limit]]
    return links.listed(visit, items, {"offset": offset + limit} if found[limit:] else None)


def search(visit: Visit) -> Row:
    """The documents in which words stand, best first."""
    limit, offset = limit_of(visit), offset_of(visit)
    results = visit.catalogue.search(
        visit.given("q") or "",
        selection(visit),
        in_all_versions=is_set(visit, "all-versions", default=False),
    )
    found = list(islice(results, offset, offset + limit + 1))
    items = [links.document(visit, one.document, one.as_json()) for one in found[:limit]]
    return links.listed(visit, items, {"offset": offset + limit} if found[limit:] else None)


def find(visit: Visit) -> Row:
    """The document that a number or an address names."""
    found = visit.catalogue.find(visit.given("index") or "")
    return links.version(visit, found, visit.catalogue.show(found))


def document(visit: Visit) -> Row:
    """A document as it stands, or stood at a moment."""
    found = visit.catalogue.find(visit.place("id"))
    return links.version(visit, found, visit.catalogue.show(found, as_of_ms=as_of_ms(visit)))


def versions(visit: Visit) -> Row:
    """A document's versions, the first one first."""
    found = visit.catalogue.find(visit.place("id"))
    rows = visit.catalogue.history(found)["versions"]
    return links.listed(visit, [links.version_row(visit, found, row) for row in rows], None)


def version(visit: Visit) -> Row:
    """One version of a document."""
    shown = visit.catalogue.show(visit.place("id"), version=visit.place("version"))
    return links.version(visit, visit.place("id"), shown)


def receipt(visit: Visit) -> Row:
    """The receipt for a version, as docs/receipt.md has it, and nothing else."""
    return visit.catalogue.receipt(visit.place("id"), version=visit.place("version"))


def history(visit: Visit) -> Row:
    """A document's numbers, locations, versions and changes."""
    found = visit.catalogue.find(visit.place("id"))
    told = visit.catalogue.history(found)
    return {
        **told,
        "versions": [links.version_row(visit, found, row) for row in told["versions"]],
        "changes": [_change(visit, row) for row in _entries_of(visit, found)],
        "links": {
            "self": visit.here(),
            "document": visit.url("api_document", id=found),
        },
    }


def comparison(visit: Visit) -> Row:
    """Two versions of a document compared, by lines or by articles as well."""
    here = {name: visit.place(name) for name in ("id", "before", "after")}
    compared = visit.revision(here["id"], here["before"], here["after"])
    told: Row = compared.as_json()
    by: Row = {}
    if visit.given("by") == "article":
        by = {"by": "article"}
        told["articles"] = [one.as_json() for one in visit.articles(compared)]
    return {
        **told,
        "links": {
            "self": visit.url("api_comparison", by, **here),
            "document": visit.url("api_document", id=here["id"]),
            "page": visit.url("compare", by, **here),
            "table": visit.url("revision_table", **here, ending="docx"),
        },
    }


def changes(visit: Visit) -> Row:
    """The ledger's entries that match, the newest first."""
    limit = limit_of(visit)
    index = visit.given("index")
    chosen = replace(
        change_filter(visit),
        baseline=is_set(visit, "baseline", default=True),
        field=visit.given("field"),
        document=None if index is None else visit.catalogue.find(index),
    )
    found, following = paging.entries(visit, chosen, "cursor", limit)
    return links.listed(visit, [_change(visit, row) for row in found], _cursor(following))


def change(visit: Visit) -> Row:
    """One entry of the ledger."""
    seq, catalogue = visit.place("seq"), visit.catalogue
    if not isinstance(catalogue, Catalogue):
        raise ConfigurationError(
            f"every archive has an entry {seq} of its own; ask below the portal that is meant"
        )
    found = catalogue.entries(ChangeFilter(baseline=True), before_seq=seq + 1, limit=1)
    if not found or found[0]["seq"] != seq:
        raise NotFoundError(f"the ledger has no entry {seq}")
    return _change(visit, found[0])


def runs(visit: Visit) -> Row:
    """The runs, newest first."""
    limit = limit_of(visit)
    found, following = paging.runs(visit, RunFilter(portal=visit.given("portal")), "cursor", limit)
    return links.listed(visit, [links.run(visit, row) for row in found], _cursor(following))


def run(visit: Visit) -> Row:
    """One run."""
    return links.run(visit, visit.catalogue.run(visit.place("id")))


def log(visit: Visit) -> Row:
    """The newest events of a run's log, oldest first."""
    found = visit.catalogue.run(visit.place("id"))
    events, _ = visit.works.log(found["id"], level=visit.given("level"), limit=limit_of(visit))
    return links.listed(visit, list(events), None)


def captures(visit: Visit) -> Row:
    """The newest captures that match."""
    found, _ = visit.catalogue.captures(visit.given("index"), captures_of(visit), limit_of(visit))
    return links.listed(visit, [_capture(visit, row) for row in found], None)


def capture(visit: Visit) -> Row:
    """One capture."""
    return _capture(visit, visit.catalogue.capture(visit.place("id")))


def claims(visit: Visit) -> Row:
    """What the texts claim about force, of one document or of all."""
    limit, offset = limit_of(visit), offset_of(visit)
    version = number("version", visit.given("version"))
    document = _document(visit)
    if version is not None and document is None:
        raise ConfigurationError("version is of one document; give its index, or document")
    found = visit.concluder.ask(PATIENCE, questions.claims, document, version, offset, limit)
    items = [
        {**one.row, "links": links.claim(visit, one.source, one.target, one.row["version"])}
        for one in found.items
    ]
    return _part(visit, items, found)


def conflicts(visit: Visit) -> Row:
    """What does not fit together, the oldest first."""
    limit, offset = limit_of(visit), offset_of(visit)
    found = visit.concluder.ask(
        PATIENCE,
        questions.conflicts,
        visit.given_all("kind"),
        visit.given("portal"),
        _document(visit),
        watch_list(visit),
        resolved=is_set(visit, "all", default=False),
        offset=offset,
        limit=limit,
    )
    return _part(visit, [_conflict(visit, one) for one in found.part.items], found.part)


def conflict(visit: Visit) -> Row:
    """One conflict, open or resolved."""
    identity = visit.request.path_params["conflict"]
    return _conflict(visit, visit.concluder.ask(PATIENCE, questions.conflict, identity))


def in_force(visit: Visit) -> Row:
    """The documents in force on a day, by the portal or by what the texts claim."""
    limit, offset = limit_of(visit), offset_of(visit)
    day = day_asked(visit, "as-of") or today(visit)
    found = visit.concluder.ask(
        PATIENCE,
        questions.in_force,
        day,
        visit.given("portal"),
        visit.given("agency"),
        visit.given("category"),
        _document(visit),
        offset=offset,
        limit=limit,
    )
    items = [
        {**row, "links": links.of_document(visit, "api_in_force", document, {"as-of": day})}
        for row, document in found.part.items
    ]
    return _part(visit, items, found.part)


def calendar(visit: Visit) -> Row:
    """What will run out, the soonest first."""
    limit, offset = limit_of(visit), offset_of(visit)
    until = day_asked(visit, "until")
    found = visit.concluder.ask(
        PATIENCE,
        questions.calendar,
        until,
        visit.given("portal"),
        _document(visit),
        watch_list(visit),
    )
    items = [
        {**row, "links": links.of_document(visit, "api_calendar", document, {})}
        for row, document in found[offset : offset + limit]
    ]
    return _part(visit, items, questions.Part(items, len(found)))


def status(visit: Visit) -> Row:
    """How the daemon, the jobs and the archive stand."""
    return {**visit.works.state(), "links": {"self": visit.here()}}


def _cursor(following: object) -> Row | None:
    return None if following is None else {"cursor": following}


def _document(visit: Visit) -> int | None:
    """The document that `document` or `index` names."""
    index: str | int | None = number("document", visit.given("document")) or visit.given("index")
    return None if index is None else visit.catalogue.find(index)


def _part(visit: Visit, items: list[Row], found: questions.Part) -> Row:
    offset = offset_of(visit)
    following = {"offset": offset + len(items)} if found.has_more(offset) else None
    return links.listed(visit, items, following)


def _conflict(visit: Visit, one: questions.Found) -> Row:
    told = one.conflict.as_json(visit.sources.zone)
    if not isinstance(visit.catalogue, Catalogue):
        told["portal"] = one.conflict.portal
    return {**told, "links": links.conflict(visit, told["id"], one.conflict.document_ids)}


def _entries_of(visit: Visit, document_id: int) -> list[Row]:
    """A document's part of the ledger, the oldest first."""
    chosen = ChangeFilter(baseline=True, document=document_id)
    return paging.newest_entries(visit, chosen, _MOST_ENTRIES)[::-1]


# A document that changed every day for as many years as there are archives has fewer.
_MOST_ENTRIES = 20_000


def _change(visit: Visit, row: Row) -> Row:
    told = {name: value for name, value in row.items() if name not in _OF_THE_PAGE}
    return links.change(visit, row["document"], told, compares=row["compares"])


def _capture(visit: Visit, row: Row) -> Row:
    return {
        **row,
        "links": {
            "self": visit.url("api_capture", id=row["id"]),
            "run": visit.url("api_run", id=row["run"]),
        },
    }
