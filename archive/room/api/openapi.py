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
from archive.telling.pages import below

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
def description(base: str = "", portals: tuple[str, ...] = ()) -> bytes:
    """The description, as JSON, of a room below the path `base`.

    `portals` are those with archives of their own, where there are several: each has the API below
    its address as well, and what goes by an archive's own numbers is there alone.
    """
    return orjson.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "yange reading room",
                "version": version("yange"),
                "description": "What the archive of a government portal holds, for reading. The"
                " members are those that the command line prints with --json.",
            },
            "servers": [{"url": base or "/"}, *_below_portals(base, portals)],
            "paths": {
                _PLACE.sub(r"{\1}", door.path): _path(door)
                | ({"servers": _below_portals(base, portals)} if _is_own(door) and portals else {})
                for door in API
            },
            "components": {
                "schemas": SCHEMAS,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{}, {"token": []}],
        }
    )


def _is_own(door: ApiDoor) -> bool:
    """Whether it is at a number of which every archive has one of its own."""
    return any(is_number for _, is_number in _PLACE.findall(door.path))


def _below_portals(base: str, portals: tuple[str, ...]) -> list[dict[str, Any]]:
    """Where each portal's archive is asked by itself: a server with the portal in its address."""
    if not portals:
        return []
    portal = {"enum": portals, "default": portals[0], "description": "Whose archive is asked."}
    return [
        {
            "url": below(base, "{portal}"),
            "description": "One portal's archive.",
            "variables": {"portal": portal},
        }
    ]


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
