"""The gate that every request passes: what is refused unseen, who is let in, and with what headers
every answer leaves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.errors import YangeError
from archive.room.api.problems import problem
from archive.room.guard.admission import Admission
from archive.room.guard.asked import is_for_programs
from archive.room.guard.headers import protect

_LONGEST_ADDRESS = 8000
_STATIC = "/static/"
_LONGEST_HEAD = 32 * 1024
_METHODS = ("GET", "HEAD", "POST")

Stranger = Callable[[Request], Awaitable[Response]]


class Gate:
    """ASGI middleware around a whole room.

    `public` are the beginnings of paths that strangers may see; for all others they get what
    `stranger` answers.
    """

    def __init__(
        self, app: ASGIApp, *, admission: Admission, public: tuple[str, ...], stranger: Stranger
    ) -> None:
        self._app = app
        self._admission = admission
        self._public = public
        self._stranger = stranger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        is_kept = request.url.path.startswith(_STATIC)

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), may_be_kept=is_kept)
            await send(message)

        try:
            is_kept = self._admission.is_open or is_kept
            answer = self._refused(request) or await self._received(request)
        except YangeError as error:
            answer = _said(request, 503, str(error))
        await (answer or self._app)(scope, receive, protected)

    async def _received(self, request: Request) -> Response | None:
        """What somebody who may not come in is answered; None for those who may."""
        admitted = self._admission.of(request)
        state = request.scope.setdefault("state", {})
        state["admitted"] = admitted
        state["client"] = self._admission.client_of(request)
        if admitted is not None and not self._admission.is_open:
            state["client"] = admitted.name
        if admitted is not None or request.url.path.startswith(self._public):
            return None
        return await self._stranger(request)

    def _refused(self, request: Request) -> Response | None:
        if request.method not in _METHODS:
            return _said(request, 405, "this room is for reading", {"Allow": "GET, HEAD"})
        target = len(request.scope["raw_path"]) + len(request.scope["query_string"])
        if target > _LONGEST_ADDRESS:
            return _said(request, 414, "that address is too long")
        if sum(len(name) + len(value) for name, value in request.scope["headers"]) > _LONGEST_HEAD:
            return _said(request, 431, "those headers are too long")
        why = self._admission.refusal(request)
        return None if why is None else _said(request, 421, why)


def _said(
    request: Request, status: int, sentence: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal, in the form in which whoever asks is told of failures."""
    if is_for_programs(request.scope["path"]):
        return problem(request, status, sentence, headers)
    return PlainTextResponse(f"{sentence}\n", status, headers)
