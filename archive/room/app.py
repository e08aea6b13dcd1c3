"""The reading room as an application: its doors, and what happens at each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from archive.errors import AmbiguousError
from archive.room.api.doors import API, ApiDoor
from archive.room.api.openapi import description
from archive.room.api.parameters import check
from archive.room.api.problems import failed, problem
from archive.room.failures import Failure, told
from archive.room.guard.admission import Admission
from archive.room.guard.asked import is_for_programs
from archive.room.guard.gate import Gate
from archive.room.guard.rates import Rate, TooOftenError
from archive.room.language import COOKIE, PARAMETER
from archive.room.memory import Memory
from archive.room.pages.login import login, logout, stranger
from archive.room.routes import PAGES, Answer, Door
from archive.room.sources import Sources
from archive.room.staff import Help, Lane, Staff
from archive.room.visit import Visit, Visitor
from archive.room.words import LANGUAGES
from archive.telling.pages import below

Endpoint = Callable[[Request], Awaitable[Response]]
_YEAR = 365 * 24 * 3600
_PUBLIC = ("/login", "/logout", "/static/")


def room_app(sources: Sources, *, is_loopback: bool = True) -> Starlette:
    """The reading room on these sources.

    `is_loopback`: it listens where only its own machine reaches it. Raises ConfigurationError where
    others reach it and nothing keeps anybody out.
    """
    admission = Admission(sources, is_loopback=is_loopback)
    admission.check()
    hall = _Hall(sources)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        hall.staff.close()

    routes: list[BaseRoute] = [
        *hall.doors(""),
        *(hall.doors(below("", "{of}")) if sources.are_several else ()),
        Route("/openapi.json", described(sources), name="openapi"),
        Route("/login", login(sources, admission), methods=["GET", "POST"], name="login"),
        Route("/logout", logout, methods=["POST"], name="logout"),
        Mount("/static", StaticFiles(packages=[("archive.room", "static")]), name="static"),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: hall.missing},
        middleware=[Middleware(Gate, admission=admission, public=_PUBLIC, stranger=stranger)],
    )
    app.state.memory = Memory()
    # By their names, the first of each: a page has a hundred links, and looks for none of them.
    app.state.doors = {route.name: route for route in reversed(routes) if hasattr(route, "name")}
    app.state.staff = hall.staff
    return app


def described(sources: Sources) -> Endpoint:
    """How the description of the API is answered."""
    portals = sources.portals if sources.are_several else ()

    async def endpoint(request: Request) -> Response:
        body = description(request.scope.get("root_path", ""), portals)
        return Response(body, media_type="application/json")

    return endpoint


class _Hall:
    """What all doors of a room share."""

    def __init__(self, sources: Sources) -> None:
        self.staff = Staff(sources)
        self._sources = sources
        self._rate = Rate(sources.settings.asks_a_minute)

    def doors(self, base: str) -> list[BaseRoute]:
        """Every door, below an address."""
        return [
            *(Route(base + door.path, self.page(door), name=door.name) for door in PAGES),
            *(Route(base + door.path, self.data(door), name=door.name) for door in API),
        ]

    def page(self, door: Door) -> Endpoint:
        """How a door's page is answered; whatever goes wrong is a page as well."""

        async def endpoint(request: Request) -> Response:
            try:
                response = await self._answer(door.answer, door.lane, request)
            except Exception as error:  # noqa: BLE001 said to be ours, and logged
                response = self._failure(request, told(error), error)
            chosen = request.query_params.get(PARAMETER)
            if chosen in LANGUAGES:
                response.set_cookie(COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="lax")
            return response

        return endpoint

    def data(self, door: ApiDoor) -> Endpoint:
        """How a door of the API is answered, as JSON."""

        def ask(visit: Visit) -> Response:
            check(visit, door.parameters)
            return Response(orjson.dumps(door.answer(visit)), media_type="application/json")

        async def endpoint(request: Request) -> Response:
            try:
                return await self._answer(ask, door.lane, request)
            except Exception as error:  # noqa: BLE001 said to be ours, and logged
                return failed(request, error)

        return endpoint

    async def missing(self, request: Request, error: Exception) -> Response:
        """What is said where there is no door, or not for that method."""
        assert isinstance(error, HTTPException)
        if is_for_programs(request.url.path):
            sentence = (
                "there is nothing at that address"
                if error.status_code == 404
                else "this room is for reading"
            )
            return problem(request, error.status_code, sentence, error.headers)
        kind = "not_found" if error.status_code == 404 else "bad_request"
        return self._failure(request, Failure(error.status_code, kind))

    async def _answer(self, answer: Answer, lane: Lane, request: Request) -> Response:
        client: str = request.state.client
        if lane is not Lane.QUICK and not self._rate.take(client):
            raise TooOftenError
        portal = request.path_params.get("of")

        def ask(help_: Help) -> Response:
            given = help_ if portal is None else help_.of(portal)
            return answer(Visit(request, self._sources, *given))

        return await self.staff.ask(ask, lane, client)

    def _failure(
        self, request: Request, failure: Failure, error: Exception | None = None
    ) -> Response:
        response = Visitor(request, self._sources).page(
            "failure.html",
            failure.status,
            failure=failure,
            sentence=str(error) if error is not None and failure.status < 500 else "",
            candidates=error.candidates if isinstance(error, AmbiguousError) else (),
        )
        if failure.status in (429, 503):
            response.headers["Retry-After"] = "5"
        return response
