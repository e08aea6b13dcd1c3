"""What goes wrong, as a program is told of it: RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from archive.errors import AmbiguousError
from archive.room.failures import told
from archive.room.words import ENGLISH, say

MEDIA_TYPE = "application/problem+json"


def problem(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **further: object,
) -> Response:
    """An answer that says what is wrong; `further` are members of its own, such as candidates."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **further,
    }
    return Response(orjson.dumps(told), status, dict(headers or {}), MEDIA_TYPE)


def failed(request: Request, error: Exception) -> Response:
    """What an error amounts to for a program."""
    failure = told(error)
    headers = {"Retry-After": "5"} if failure.status in (429, 503) else {}
    further: dict[str, object] = {}
    if isinstance(error, AmbiguousError):
        find = str(request.app.url_path_for("api_find"))
        further["candidates"] = [
            {"url": url, "title": title, "links": {"self": f"{find}?{urlencode({'index': url})}"}}
            for url, title in error.candidates
        ]
    # A fault of ours, or where the archive is on the disk, is nobody else's business.
    said = str(error)
    if failure.status >= 500:
        said = say(ENGLISH, f"failure.{failure.kind}", **failure.values)
    return problem(request, failure.status, said, headers, **further)
