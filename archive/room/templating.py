"""Making pages of templates. Whatever is put into one is escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.room.words import LANGUAGES

if TYPE_CHECKING:
    from archive.room.visit import Visitor


@cache
def environment() -> Environment:
    """The templates, with what all of them can use."""
    return Environment(
        loader=PackageLoader("archive.room"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(template: str, visit: Visitor, /, **values: object) -> str:
    """The text of a page.

    Besides `values` a template has `visit`, and of it `say`, `url` and `lang`.
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
            **values,
        )
    )
