"""One request, as those who answer it see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from archive.room.language import PARAMETER, language_of
from archive.room.templating import render
from archive.room.words import say

if TYPE_CHECKING:
    from archive.catalogue import Catalogue
    from archive.room.sources import Sources
    from archive.room.works import Works


@dataclass
class Visitor:
    """A request, and how pages speak to whoever made it."""

    request: Request
    sources: Sources

    @cached_property
    def language(self) -> str:
        """The visitor's language, as in an element's `lang`."""
        return language_of(self.request)

    def say(self, key: str, **values: object) -> str:
        """One of the room's texts in the visitor's language."""
        return say(self.language, key, **values)

    def given(self, name: str) -> str | None:
        """A parameter of the address; None for one that is absent or empty, as forms send it."""
        return self.request.query_params.get(name, "").strip() or None

    def given_all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter that may be given more than once."""
        return tuple(
            value for one in self.request.query_params.getlist(name) if (value := one.strip())
        )

    def place(self, name: str) -> int:
        """A number that is part of the address, such as a document's."""
        return int(self.request.path_params[name])

    def url(self, name: str, query: dict[str, object] | None = None, /, **places: object) -> str:
        """The path of the door of that name, with a query of what in `query` is not None.

        A value that is a tuple or a list is given several times.
        """
        path = self.request.scope.get("root_path", "") + str(
            self.request.app.url_path_for(name, **places)
        )
        stated = {key: value for key, value in (query or {}).items() if value is not None}
        return f"{path}?{urlencode(stated, doseq=True)}" if stated else path

    def here(self, **changes: object) -> str:
        """This address with other parameters; one that is None is left out."""
        query: dict[str, object] = {
            name: self.request.query_params.getlist(name)
            for name in self.request.query_params
            if name != PARAMETER
        }
        query |= changes
        stated = {key: value for key, value in query.items() if value is not None}
        path = self.request.url.path
        return f"{path}?{urlencode(stated, doseq=True)}" if stated else path

    def page(self, template: str, /, status: int = 200, **values: object) -> HTMLResponse:
        """A page made of a template."""
        return HTMLResponse(render(template, self, **values), status_code=status)

    def redirect(self, address: str, status: int = 302) -> RedirectResponse:
        """The way to another address of the room's."""
        return RedirectResponse(address, status_code=status)


@dataclass
class Visit(Visitor):
    """A request with what it takes to answer it; it is answered in a thread of its own.

    `catalogue` is open for this visit alone, within the time that its door allows.
    """

    catalogue: Catalogue

    @property
    def works(self) -> Works:
        """What there is to say about jobs, logs and the configuration."""
        return self.sources.works
