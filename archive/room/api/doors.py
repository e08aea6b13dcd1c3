"""Every door of the API: where it is, what can be asked there, and what the answer looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from archive.room.api import answers, parameters
from archive.room.api.parameters import Parameter
from archive.room.staff import Lane
from archive.room.visit import Visit

Answer = Callable[[Visit], dict[str, Any]]


class ApiDoor(NamedTuple):
    """An address of the API. `schema` is the name of what it answers, in `schemas.py`."""

    path: str
    name: str
    answer: Answer
    schema: str
    parameters: tuple[Parameter, ...] = ()
    lane: Lane = Lane.QUICK

    @property
    def summary(self) -> str:
        """What is to be had there, in a sentence."""
        return (self.answer.__doc__ or "").strip().partition("\n")[0]


_DOCUMENT = "/api/documents/{id:int}"
_VERSION = f"{_DOCUMENT}/versions/{{version:int}}"
_COMPARISON = f"{_DOCUMENT}/compare/{{before:int}}...{{after:int}}"

API: tuple[ApiDoor, ...] = (
    ApiDoor("/api", "api", answers.entrance, "Entrance"),
    ApiDoor(
        "/api/documents",
        "api_documents",
        answers.documents,
        "Documents",
        (*parameters.SELECTION, *parameters.PAGE),
        Lane.SEARCH,
    ),
    ApiDoor(
        "/api/find",
        "api_find",
        answers.find,
        "Version",
        (parameters.INDEX._replace(required=True),),
    ),
    ApiDoor(_DOCUMENT, "api_document", answers.document, "Version", (parameters.AS_OF,)),
    ApiDoor(f"{_DOCUMENT}/history", "api_history", answers.history, "History"),
    ApiDoor(f"{_DOCUMENT}/versions", "api_versions", answers.versions, "Versions"),
    ApiDoor(_VERSION, "api_version", answers.version, "Version"),
    ApiDoor(f"{_VERSION}/receipt", "api_receipt", answers.receipt, "Receipt", (), Lane.SEARCH),
    ApiDoor(
        _COMPARISON,
        "api_comparison",
        answers.comparison,
        "Comparison",
        (parameters.BY,),
        Lane.SEARCH,
    ),
    ApiDoor(
        "/api/search", "api_search", answers.search, "SearchResults", parameters.SEARCH, Lane.SEARCH
    ),
    ApiDoor(
        "/api/changes",
        "api_changes",
        answers.changes,
        "Changes",
        (*parameters.CHANGES, *parameters.CURSOR),
        Lane.SEARCH,
    ),
    ApiDoor("/api/changes/{seq:int}", "api_change", answers.change, "Change"),
    ApiDoor("/api/runs", "api_runs", answers.runs, "Runs", parameters.RUNS),
    ApiDoor("/api/runs/{id:int}", "api_run", answers.run, "Run"),
    ApiDoor("/api/runs/{id:int}/log", "api_log", answers.log, "Events", parameters.LOG),
    ApiDoor(
        "/api/captures",
        "api_captures",
        answers.captures,
        "Captures",
        parameters.CAPTURES,
        Lane.SEARCH,
    ),
    ApiDoor("/api/captures/{id:int}", "api_capture", answers.capture, "Capture"),
    ApiDoor("/api/claims", "api_claims", answers.claims, "Claims", parameters.CLAIMS, Lane.SEARCH),
    ApiDoor(
        "/api/conflicts",
        "api_conflicts",
        answers.conflicts,
        "Conflicts",
        parameters.CONFLICTS,
        Lane.SEARCH,
    ),
    ApiDoor(
        "/api/conflicts/{conflict}",
        "api_conflict",
        answers.conflict,
        "Conflict",
        (),
        Lane.SEARCH,
    ),
    ApiDoor(
        "/api/in-force",
        "api_in_force",
        answers.in_force,
        "InForce",
        parameters.IN_FORCE,
        Lane.SEARCH,
    ),
    ApiDoor(
        "/api/calendar",
        "api_calendar",
        answers.calendar,
        "Calendar",
        parameters.CALENDAR,
        Lane.SEARCH,
    ),
    ApiDoor("/api/status", "api_status", answers.status, "Status"),
)
