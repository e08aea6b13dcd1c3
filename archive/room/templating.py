"""Making pages of templates. Whatever is put into one is escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archive.room.views.moments import duration, moment, period, size
from archive.room.words import LANGUAGES
from archive.telling.wording import WORDINGS
from archive.terminal import visible

if TYPE_CHECKING:
    from archive.room.visit import Visitor


@cache
def environment() -> Environment:
    """The templates, with what all of them can use."""
    made = Environment(
        loader=PackageLoader("archive.room"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_shown,
    )
    made.filters |= {
        "moment": moment,
        "duration": duration,
        "size": size,
        "period": period,
        "capitalised": lambda text: text[:1].upper() + text[1:],
    }
    return made


def _shown(value: object) -> object:
    """A value as it goes into a page: nothing in it turns the order of writing around."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value


def render(template: str, visit: Visitor, /, **values: object) -> str:
    """The text of a page.

    Besides `values` a template has `visit`, and of it `say`, `url` and `lang`; the `wording` of
    fields and kinds of changes in the visitor's language, and the portal's own.
    """
    return (
        environment()
        .get_template(template)
        .render(
            visit=visit,
            say=visit.say,
            url=visit.url,
            lang=visit.language,
            languages=LANGUAGES,
            wording=visit.wording,
            portal_wording=WORDINGS["zh"],
            **values,
        )
    )
