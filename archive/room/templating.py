"""Making pages of templates. Whatever is put into one is escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archive.room.views.moments import duration, moment, period, size
from archive.terminal import visible


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


def render(template: str, /, **values: object) -> str:
    """The text of a page, made of a template and of what it takes."""
    return environment().get_template(template).render(values)
