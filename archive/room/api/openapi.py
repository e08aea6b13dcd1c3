"""The API's description, made of its doors (OpenAPI 3.1)."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version
from typing import Any

import orjson

from archive.room.api.doors import API, ApiDoor
from archive.room.api.parameters import Parameter
from archive.room.api.problems import MEDIA_TYPE
from archive.room.api.schemas import SCHEMAS

_PLACE = re.compile(r"\{(\w+)(:int)?\}")
_FAILURES = {
    "300": "Several documents go by that number; `candidates` names them.",
    "400": "A parameter that means nothing.",
    "401": "A token is needed: `Authorization: Bearer TOKEN`.",
    "404": "Nothing goes by that name.",
    "422": "Texts that are too long to be compared here.",
    "429": "Asked for too often; try again later.",
    "503": "The archive is busy, or cannot be read, or that took too long, or is being worked out;"
    " try again later.",
}


@cache
def description() -> bytes:
    """The description, as JSON."""
    return orjson.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "yange reading room",
                "version": version("yange"),
                "description": "What the archive of a government portal holds, for reading. The"
                " members are those that the command line prints with --json.",
            },
            "paths": {_PLACE.sub(r"{\1}", door.path): _path(door) for door in API},
            "components": {
                "schemas": SCHEMAS,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{}, {"token": []}],
        }
    )


def _path(door: ApiDoor) -> dict[str, Any]:
    places = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0} if is_number else {"type": "string"},
        }
        for name, is_number in _PLACE.findall(door.path)
    ]
    return {
        "get": {
            "operationId": door.name,
            "summary": door.summary,
            "parameters": [*places, *map(_parameter, door.parameters)],
            "responses": {
                "200": _response(door.summary, "application/json", door.schema),
                **{
                    status: _response(said, MEDIA_TYPE, "Problem")
                    for status, said in _FAILURES.items()
                },
            },
        }
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": one.schema} if one.many else one.schema
    return {
        "name": one.name,
        "in": "query",
        "required": one.required,
        "description": one.help,
        "schema": schema,
    }


def _response(said: str, media_type: str, schema: str) -> dict[str, Any]:
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": said, "content": content}
