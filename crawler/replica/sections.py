"""The pages between the front page and the lists: what the portal's menus lead through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.replica.documents import Host
from crawler.replica.listing import Row

EXCERPT_ROWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A page of the navigation. Paths have no trailing slash.

    It shows the first rows of the columns in `excerpts`, each with a link to the rest, and has a
    menu of other sections, by their paths, and of columns, by their keys.
    """

    host: Host
    path: str
    name: str
    excerpts: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The path of its page."""
        return f"{self.path}/index.html"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a column's list, as another page shows it."""

    name: str
    href: str
    rows: Sequence[Row]


SECTIONS = (
    Section(
        host="city",
        path="/yanhu/xxgk4",
        name="政务公开",
        excerpts=("tzgg", "zcjd"),
        sections=("/yanhu/xxgk4/zfxxgk5572/fdzdgknr39", "/yanhu/xxgk4/zfxxgkzl"),
    ),
    Section(
        host="city",
        path="/yanhu/xxgk4/zfxxgk5572/fdzdgknr39",
        name="法定主动公开内容",
        excerpts=("gfxwj",),
    ),
    Section(
        host="city",
        path="/yanhu/xxgk4/zfxxgkzl",
        name="政府信息公开专栏",
        columns=("wdrw", "zxgh", "jcygk"),
    ),
    Section(
        host="agency",
        path="/nongmuj/zfxxgk55",
        name="政务公开",
        excerpts=("jgxx",),
        columns=("nmwj",),
    ),
)
"""Each host's first one stands in the menu of all of its pages."""

FRONT_PAGE_EXCERPTS: dict[Host, str] = {"city": "tzgg", "agency": "jgxx"}
"""The column whose newest rows a front page shows."""
