"""One request, as those who answer it see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from archive.across.held import Held
from archive.fields import Validity
from archive.room.comparing import (
    compare_apart,
    compare_articles_apart,
    compare_files_apart,
)
from archive.room.guard import sessions
from archive.room.language import PARAMETER, language_of
from archive.room.templating import render
from archive.room.words import CHINESE, LANGUAGES, say
from archive.telling.pages import below
from archive.telling.wording import WORDINGS, Wording

if TYPE_CHECKING:
    from archive.across.library import Library
    from archive.catalogue import Catalogue
    from archive.law.comparison.alignment import ArticleChange
    from archive.revision import Revision
    from archive.room.apart import Apart
    from archive.room.concluding.all_concluder import AllConcluder
    from archive.room.concluding.concluder import Concluder
    from archive.room.guard.admission import Admitted
    from archive.room.memory import Memory
    from archive.room.sources import Sources
    from archive.room.works import Works


# Doors that there are once, whichever archive is looked at.
_OF_ALL = frozenset({"login", "logout", "openapi", "static"})


@dataclass
class Visitor:
    """A request, and how pages speak to whoever made it."""

    request: Request
    sources: Sources

    @property
    def admitted(self) -> Admitted | None:
        """Who is asking; None for a stranger."""
        found: Admitted | None = self.request.state.admitted
        return found

    @property
    def has_session(self) -> bool:
        """Whether there is a session to be left."""
        return sessions.COOKIE in self.request.cookies

    @cached_property
    def language(self) -> str:
        """The visitor's language, as in an element's `lang`."""
        return language_of(self.request)

    def say(self, key: str, **values: object) -> str:
        """One of the room's texts in the visitor's language."""
        return say(self.language, key, **values)

    def given(self, name: str) -> str | None:
        """A parameter of the address; None for one that is absent or empty, as forms send it.

        A dash in its name, as the command line has it, and an underscore mean the same.
        """
        query = self.request.query_params
        spelt = name.replace("-", "_")
        found = query.get(spelt) or query.get(spelt.replace("_", "-")) or ""
        return found.strip() or None

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
        path = self.request.app.state.doors[name].url_path_for(name, **places)
        portal = self._portal_of((*places.values(), *(query or {}).values()))
        base: str = self.request.scope.get("root_path", "")
        if portal is not None and name not in _OF_ALL:
            base = below(base, portal)
        path = f"{base}{path}"
        stated = {key: value for key, value in (query or {}).items() if value is not None}
        return f"{path}?{urlencode(stated, doseq=True)}" if stated else path

    @property
    def portal(self) -> str | None:
        """The portal whose archive alone is shown at this address; None for all that there are."""
        return self.request.path_params.get("of")

    @property
    def faults(self) -> Sequence[str]:
        """The portals whose archives could not be asked for what is shown."""
        return ()

    @property
    def above(self) -> str:
        """Where all archives are shown together."""
        return f"{self.request.scope.get('root_path', '')}/"

    def below(self, portal: str) -> str:
        """Where one portal's archive is shown by itself."""
        return below(self.request.scope.get("root_path", ""), portal) + "/"

    def _portal_of(self, values: Iterable[object]) -> str | None:
        """Below which portal's archive something is that has these numbers."""
        portals = (one.portal for one in values if isinstance(one, Held))
        return next(portals, self.portal)

    @property
    def base(self) -> str:
        """The scheme and the host by which others reach this room, for addresses that travel."""
        url = self.request.url
        return self.sources.settings.url or f"{url.scheme}://{url.netloc}"

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

    def without(self, name: str, value: str) -> str:
        """This address without that value of a parameter, and from the first page on."""
        kept = [one for one in self.request.query_params.getlist(name) if one.strip() != value]
        return self.here(**{name: kept or None, "before": None, "page": None})

    @property
    def wording(self) -> Wording:
        """The words for fields and kinds of changes in the visitor's language."""
        return WORDINGS["zh" if self.language == CHINESE else "en"]

    def validity_name(self, validity: str | None) -> str | None:
        """The word for a validity in the visitor's language; of the portal's own word, that."""
        known = validity in Validity.__members__.values()
        return self.say(f"validity.{validity}") if known else validity

    def page(self, template: str, /, status: int = 200, **values: object) -> HTMLResponse:
        """A page made of a template.

        Besides `values` a template has `visit`, and of it `say`, `url` and `lang`; the `wording` of
        fields and kinds of changes in the visitor's language, and the portal's own.
        """
        text = render(
            template,
            visit=self,
            say=self.say,
            url=self.url,
            lang=self.language,
            languages=LANGUAGES,
            wording=self.wording,
            portal_wording=WORDINGS["zh"],
            **values,
        )
        return HTMLResponse(text, status_code=status)

    def redirect(self, address: str, status: int = 302) -> RedirectResponse:
        """The way to another address of the room's."""
        return RedirectResponse(address, status_code=status)


@dataclass
class Visit(Visitor):
    """A request with what it takes to answer it; it is answered in a thread of its own.

    `catalogue` is open for this visit alone, within the time that its door allows; `apart` is for
    work that no thread can be stopped in, `concluder` for what follows from all texts.
    """

    catalogue: Catalogue | Library
    apart: Apart
    concluder: Concluder | AllConcluder

    @property
    def faults(self) -> Sequence[str]:
        """The portals whose archives could not be asked for what is shown."""
        return [portal for portal, _ in self.catalogue.faults]

    def revision(self, document: int, before: int, after: int) -> Revision:
        """Two versions of a document compared. Raises TooLongToCompareError, TookTooLongError."""
        return self.catalogue.revision(
            document,
            self.sources.readers,
            before,
            after,
            compare=partial(compare_apart, self.apart),
        )

    def articles(self, revision: Revision) -> list[ArticleChange]:
        """What became of each article in a revision of ours. Raises TookTooLongError."""
        return compare_articles_apart(self.apart, *revision.states)

    def file_articles(self, revision: Revision) -> list[list[ArticleChange] | None]:
        """The same of each attachment that was replaced; None for one without articles."""
        return compare_files_apart(self.apart, revision.attachment_texts)

    @property
    def memory(self) -> Memory:
        """Answers that are kept for a while."""
        memory: Memory = self.request.app.state.memory
        return memory if self.portal is None else memory.of(self.portal)

    @property
    def works(self) -> Works:
        """What there is to say about jobs, logs and the configuration."""
        works = self.sources.works
        return works if self.portal is None else works.of(self.portal)
