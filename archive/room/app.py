"""The reading room as an application: its doors, and what happens at each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from archive.errors import AmbiguousError, YangeError
from archive.room.failures import Failure, failure_of
from archive.room.language import COOKIE, PARAMETER
from archive.room.routes import PAGES, Door
from archive.room.sources import Sources
from archive.room.staff import Staff
from archive.room.visit import Visit, Visitor
from archive.room.words import LANGUAGES

Endpoint = Callable[[Request], Awaitable[Response]]
_YEAR = 365 * 24 * 3600


def room_app(sources: Sources) -> Starlette:
    """The reading room on these sources."""
    staff = Staff(sources)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        staff.close()

    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = "not_found" if error.status_code == 404 else "bad_request"
        return _failure_page(Visitor(request, sources), Failure(error.status_code, kind), "")

    routes: list[BaseRoute] = [
        Route(door.path, _page(door, sources, staff), name=door.name) for door in PAGES
    ]
    routes.append(
        Mount("/static", StaticFiles(packages=[("archive.room", "static")]), name="static")
    )
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: missing})


def _page(door: Door, sources: Sources, staff: Staff) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            response = await staff.ask(
                lambda catalogue: door.answer(Visit(request, sources, catalogue)), door.lane
            )
        except YangeError as error:
            visitor = Visitor(request, sources)
            response = _failure_page(visitor, failure_of(error), str(error), error)
        chosen = request.query_params.get(PARAMETER)
        if chosen in LANGUAGES:
            response.set_cookie(COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="lax")
        return response

    return endpoint


def _failure_page(
    visitor: Visitor, failure: Failure, sentence: str, error: YangeError | None = None
) -> Response:
    response = visitor.page(
        "failure.html",
        status=failure.status,
        failure=failure,
        sentence=sentence,
        candidates=error.candidates if isinstance(error, AmbiguousError) else (),
    )
    if failure.status == 503:
        response.headers["Retry-After"] = "5"
    return response
