"""A comparison as one self-contained HTML page, to be kept, printed or handed over."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from archive.revision import Revision


@cache
def page_template(name: str) -> Template:
    """A template of pages that are handed over: self-contained, escaped, without scripts."""
    # What came from the portal is hostile: everything is escaped, and the page's own policy lets
    # nothing load or run.
    environment = Environment(
        loader=PackageLoader("archive"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template(name)


def revision_page(revision: Revision) -> str:
    """The page, as text to be written in UTF-8."""
    return page_template("revision.html").render(revision=revision)
