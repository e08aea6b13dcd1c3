"""Where each object of the API is to be had, and what belongs to it."""

from __future__ import annotations

from typing import Any

from archive.room.visit import Visit

Row = dict[str, Any]


def document(visit: Visit, document_id: int, row: Row) -> Row:
    """A row of the list with its links."""
    return {
        **row,
        "links": {
            "self": visit.url("api_document", id=document_id),
            "versions": visit.url("api_versions", id=document_id),
            "history": visit.url("api_history", id=document_id),
            "page": visit.url("document", id=document_id),
        },
    }


def version(visit: Visit, document_id: int, sheet: Row) -> Row:
    """A version with its text, its links, and those of its attachments."""
    here = {"id": document_id, "version": sheet["version"]}
    return {
        **sheet,
        "attachments": [
            {**one, "links": {"self": visit.url("attachment", **here, place=place)}}
            for place, one in enumerate(sheet["attachments"], start=1)
        ],
        "links": {
            "self": visit.url("api_version", **here),
            "document": visit.url("api_document", id=document_id),
            "receipt": visit.url("api_receipt", **here),
            "received": visit.url("received_bytes", **here),
            "page": visit.url("version", **here),
        },
    }


def version_row(visit: Visit, document_id: int, row: Row) -> Row:
    """A version as a row, with its links; to its comparison with the one before if it has one."""
    number = row["version"]
    links = {"self": visit.url("api_version", id=document_id, version=number)}
    if number > 1:
        links["comparison"] = visit.url(
            "api_comparison", id=document_id, before=number - 1, after=number
        )
    return {**row, "links": links}


def change(visit: Visit, document_id: int, row: Row, *, compares: bool) -> Row:
    """An entry of the ledger with its links; `compares`: two versions of the document differ so."""
    links = {
        "self": visit.url("api_change", seq=row["seq"]),
        "document": visit.url("api_document", id=document_id),
        "run": visit.url("api_run", id=row["run"]),
    }
    if compares:
        after = row["version"]
        links["comparison"] = visit.url(
            "api_comparison", id=document_id, before=after - 1, after=after
        )
    return {**row, "links": links}


def run(visit: Visit, row: Row) -> Row:
    """A run with its links."""
    return {
        **row,
        "links": {
            "self": visit.url("api_run", id=row["id"]),
            "changes": visit.url("api_changes", {"run": row["id"]}),
            "log": visit.url("api_log", id=row["id"]),
            "page": visit.url("run", id=row["id"]),
        },
    }


def claim(visit: Visit, source: int, target: int | None, version: int) -> Row:
    """A claim's links: the claims among which it is, the version that makes it, its target."""
    found = {
        "self": visit.url("api_claims", {"document": source, "version": version}),
        "source": visit.url("api_version", id=source, version=version),
    }
    if target is not None:
        found["target"] = visit.url("api_document", id=target)
    return found


def conflict(visit: Visit, identity: str, documents: tuple[int, ...]) -> Row:
    """A conflict's links; `document` is the one concerned, `other` a second one."""
    found = {"self": visit.url("api_conflict", conflict=identity)}
    for name, one in zip(("document", "other"), documents, strict=False):
        found[name] = visit.url("api_document", id=one)
    return found


def of_document(visit: Visit, door: str, document_id: int, query: Row) -> Row:
    """What is concluded of one document: where it is among others alike, and the document."""
    return {
        "self": visit.url(door, {**query, "document": document_id}),
        "document": visit.url("api_document", id=document_id),
        "page": visit.url("document", id=document_id),
    }


def listed(visit: Visit, items: list[Row], following: Row | None) -> Row:
    """A page of a list: its items, and the address of the next page, null on the last.

    `following` are the parameters by which the next page differs from this one.
    """
    return {
        "items": items,
        "next": None if following is None else visit.here(**following),
        # Where there are several archives, and some could not be asked.
        **({"unread": list(visit.faults)} if visit.faults else {}),
        "links": {"self": visit.here()},
    }
