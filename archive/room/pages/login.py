"""Coming in with a token, and leaving: the only pages that a stranger sees, and that take a form.

They look nothing up, so they are answered without a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from archive.room.guard import sessions
from archive.room.guard.admission import Admission
from archive.room.guard.asked import is_a_feed, is_for_programs
from archive.room.guard.rates import Rate
from archive.room.sources import Sources
from archive.room.visit import Visitor

_LONGEST_FORM = 8192
_SECONDS = 10.0  # for a form to arrive
_ATTEMPTS_A_MINUTE = 10

Endpoint = Callable[[Request], Awaitable[Response]]


def login(sources: Sources, admission: Admission) -> Endpoint:
    """The page with the form, and what follows when it is sent."""
    rate = Rate(_ATTEMPTS_A_MINUTE)

    async def endpoint(request: Request) -> Response:
        visitor = Visitor(request, sources)
        if request.method != "POST":
            return visitor.page("login.html", onward=_own(visitor.given("next")), problem=None)
        form = await _form(request)
        onward = _own(form.get("next"))
        if _is_foreign(request) or form.get("token") is None:
            return visitor.page("login.html", 400, onward=onward, problem="login.again")
        if not rate.take(admission.client_of(request)):
            return visitor.page("login.html", 429, onward=onward, problem="login.too_often")
        token = admission.tokens.holder(form["token"].strip())
        if token is None:
            return visitor.page("login.html", 403, onward=onward, problem="login.wrong")
        response = RedirectResponse(onward, 303)
        response.set_cookie(
            sessions.COOKIE,
            sessions.begin(token),
            max_age=sessions.SECONDS,
            httponly=True,
            samesite="strict",
            secure=_is_secure(request, sources),
        )
        return response

    return endpoint


async def logout(request: Request) -> Response:
    """Forget the session; for a form, so that no link does it."""
    if _is_foreign(request):
        return Response(status_code=403)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(sessions.COOKIE, httponly=True, samesite="strict")
    return response


async def stranger(request: Request) -> Response:
    """What is said to somebody who may not come in: where the login is, and nothing else."""
    path = request.url.path
    if is_for_programs(path):
        # Here, since a room that only this machine reaches has no strangers.
        from archive.room.api.problems import problem

        return problem(request, 401, "a token is needed", {"WWW-Authenticate": "Bearer"})
    if is_a_feed(path):
        return Response(status_code=401, headers={"WWW-Authenticate": 'Basic realm="yange"'})
    if request.method == "POST":
        return Response(status_code=401)
    onward = f"{path}?{request.url.query}" if request.url.query else path
    return RedirectResponse(f"/login?{urlencode({'next': onward})}", 303)


def _own(address: str | None) -> str:
    """An address of this room's, whatever was asked for."""
    if address is None or not address.startswith("/") or "\\" in address:
        return "/"
    parts = urlsplit(address)
    is_elsewhere = parts.scheme or parts.netloc or address.startswith("//")
    return "/" if is_elsewhere or not address.isprintable() else address


def _is_foreign(request: Request) -> bool:
    """Whether a form comes from a page of another site, as far as the browser says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _is_secure(request: Request, sources: Sources) -> bool:
    return request.url.scheme == "https" or (sources.settings.url or "").startswith("https:")


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that has come whole, in time; none of one that has not."""
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > _LONGEST_FORM:
                    return {}
    except (TimeoutError, ClientDisconnect):
        return {}
    fields = parse_qs(body.decode("ascii", errors="replace"), max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}
