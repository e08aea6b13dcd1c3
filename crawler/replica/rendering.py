"""The templates of both designs, and what stands in the head and foot of each host's pages."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crawler.replica.documents import Host

SITES: Mapping[Host, Mapping[str, str]] = {
    "city": {
        "host": "city",
        "name": "砚湖市人民政府",
        "domain": "www.yanhu.example.org",
        "code": "1599000001",
        "id": "605001",
        "owner": "砚湖市人民政府",
        "keeper": "砚湖市人民政府办公室",
    },
    "agency": {
        "host": "agency",
        "name": "砚湖市农牧局",
        "domain": "nmj.yanhu.example.org",
        "code": "1599000017",
        "id": "615001",
        "owner": "砚湖市农牧局",
        "keeper": "砚湖市农牧信息中心",
    },
}
"""What the pages say of each host: names, and the numbers that the CMS and the state gave it."""


def render(template: str, **context: object) -> str:
    """The text of a page or a style sheet; an unknown name in a template is an error."""
    return _templates.get_template(template).render(**context)


def _entities(text: str) -> Markup:
    """The text with its commas and title marks as character references: other bytes, same words."""
    marked = str(escape(text)).replace("，", "&#65292;").replace("《", "&#x300A;")
    return Markup(marked.replace("》", "&#x300B;").replace("〔", "&#12308;"))  # noqa: S704


_templates = Environment(
    loader=PackageLoader("crawler.replica"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.filters["entities"] = _entities
