"""A portal's section of the configuration: what to watch, and with which manners.

Every key is declared once, with its default and its sentence of help.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from cssselect import HTMLTranslator, SelectorError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from archive.fields import FIELD_NAMES
from crawler.fence import Fence, HostEntry
from crawler.notices import Notice
from crawler.window import Window

_T = TypeVar("_T")

DRAFT = "draft"
"""In the context of validation: a portal may have nothing to watch yet."""

# The typed validity follows from the word on the page, so only the word has a label.
_LABELLED = tuple(name for name in FIELD_NAMES if name != "validity")


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _not_empty(values: tuple[_T, ...]) -> tuple[_T, ...]:
    # Not Field(min_length=1): that counts items after validation, so one bad item in a list of one
    # would be reported twice.
    if not values:
        raise ValueError("at least one is needed")
    return values


def _stripped(text: str) -> str:
    if not text.strip():
        raise ValueError("an empty text says nothing; give one, or leave the key out")
    return text.strip()


def _host(text: str) -> str:
    HostEntry.parse(text)
    return text


def _selector(text: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(text)
    except SelectorError as error:
        raise ValueError(f"{text!r} is not a CSS selector ({error})") from error
    return text


def _window(text: str) -> str:
    Window.parse(text, ZoneInfo("UTC"))
    return text


def _field_name(name: str) -> str:
    if name not in _LABELLED:
        raise ValueError(f"{name!r} is not a field; fields are {', '.join(_LABELLED)}")
    return name


def _notice(name: str) -> str:
    if name not in tuple(Notice):
        raise ValueError(f"{name!r} is no notice; notices are {', '.join(Notice)}")
    return name


Text = Annotated[str, AfterValidator(_stripped)]
Host = Annotated[Text, AfterValidator(_host)]
Selector = Annotated[Text, AfterValidator(_selector)]
FieldName = Annotated[str, AfterValidator(_field_name)]
NoticeName = Annotated[str, AfterValidator(_notice)]
Several = Annotated[tuple[_T, ...], AfterValidator(_not_empty)]
OneOrMore = Annotated[Several[_T], BeforeValidator(_as_list)]
"""A list, or a single text in place of a list of one."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSettings(_Section):
    """One column 栏目: a paginated list of documents. A bare URL in its place is enough."""

    url: Text = Field(description="The address of the column's first page.")
    name: Text | None = Field(
        default=None,
        description="What people call the column; without it, the heading of its page.",
    )


def _column(value: object) -> object:
    return {"url": value} if isinstance(value, str) else value


Column = Annotated[ColumnSettings, BeforeValidator(_column)]

DEPTH = 3
"""Links followed one after another in search of columns. Portals show a column on their front page,
on a section's page, or in that section's menu."""


class SubtreeSettings(_Section):
    """A part of the portal all of whose columns are watched, those yet to come included."""

    url: Text = Field(
        description="The page from which columns are looked for, in its folder and those below."
    )
    depth: int = Field(
        default=DEPTH,
        ge=0,
        le=10,
        description="Links that are followed one after another from that page.",
    )


Subtree = Annotated[SubtreeSettings, BeforeValidator(_column)]


class Politeness(_Section):
    """How the portal is asked (R19)."""

    delay: float = Field(
        default=1.0,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds between two requests to one host; robots.txt may ask for more.",
    )
    concurrency: int = Field(
        default=2,
        ge=1,
        le=32,
        description="Requests under way at one host at the same time, at most.",
    )
    robots: bool = Field(default=True, description="Whether robots.txt is obeyed.")
    window: Annotated[str, AfterValidator(_window)] | None = Field(
        default=None,
        description="The hours in which the daemon may crawl, as HH:MM-HH:MM in the configured "
        "time zone; without it, all day.",
    )


class Limits(_Section):
    """What is too much, or too long, to be waited for."""

    page_bytes: int = Field(
        default=8 * 1024 * 1024,
        gt=0,
        description="The largest page that is kept, in bytes, decompressed.",
    )
    attachment_bytes: int = Field(
        default=64 * 1024 * 1024, gt=0, description="The largest attachment that is kept, in bytes."
    )
    attachments: int = Field(
        default=100,
        ge=0,
        description="Attachments of one document that are fetched, at most; further ones are kept "
        "as addresses, and the run says so.",
    )
    timeout: float = Field(
        default=60.0, gt=0, le=3600, description="Seconds until an unfinished answer is given up."
    )
    list_pages: int = Field(
        default=500, gt=0, description="Pages of one column's list that a run reads, at most."
    )
    list_rows: int = Field(
        default=5000,
        gt=0,
        description="Rows of one page of a list that are taken, at most; where there are more, the "
        "rest of the list is left, and the run says so.",
    )
    navigation_pages: int = Field(
        default=500,
        gt=0,
        description="Pages that are asked for in one search for columns, at most.",
    )
    redirects: int = Field(
        default=5, ge=0, description="Redirects that are followed one after another."
    )
    retries: int = Field(
        default=2,
        ge=0,
        description="Further attempts after a passing failure, such as a time-out or a 503.",
    )
    crawl_hours: float = Field(
        default=24.0,
        gt=0,
        le=24 * 366,
        allow_inf_nan=False,
        description="Hours after which the daemon ends a crawl; the next one does what is left.",
    )
    crawl_memory_mb: float = Field(
        default=2048.0,
        gt=0,
        allow_inf_nan=False,
        description="Megabytes of memory beyond which the daemon ends a crawl.",
    )


class RecheckSettings(_Section):
    """How much of the portal a recheck rereads (docs/due.md)."""

    limit: int | None = Field(
        default=None,
        gt=0,
        description="Documents that a recheck asks for, those most worth it; without it, all.",
    )
    ceiling_days: float = Field(
        default=180.0,
        ge=1,
        le=36525,
        allow_inf_nan=False,
        description="Days that such a choice leaves a document unseen, at most.",
    )


class PortalSettings(_Section):
    """One government site, with its subdomains."""

    name: Text = Field(description="What people call the portal.")
    hosts: Several[Host] = Field(
        description="The only hosts that are asked: a name, *.name for its subdomains, or an "
        "address, each with a port if need be."
    )
    under: tuple[Subtree, ...] = Field(
        default=(),
        description="Parts of the portal whose columns are found and watched by themselves.",
    )
    columns: Annotated[tuple[Column, ...], Field(validate_default=True)] = Field(
        default=(),
        description="The columns that are watched; needed where there is nothing `under`.",
    )
    politeness: Politeness = Field(default=Politeness(), description="How the portal is asked.")
    limits: Limits = Field(default=Limits(), description="What is too much, or too long.")
    recheck: RecheckSettings = Field(
        default=RecheckSettings(), description="How much of the portal a recheck rereads."
    )
    labels: dict[FieldName, OneOrMore[Text]] = Field(
        default_factory=dict,
        description="Further words by which the portal labels a field, under the field's name.",
    )
    body: OneOrMore[Selector] = Field(
        default=(),
        description="CSS selectors of the body, tried before the ones that are built in.",
    )
    notices: dict[NoticeName, OneOrMore[Text]] = Field(
        default_factory=dict,
        description="Further phrases of pages that are not the document, under the name that such "
        f"pages have in docs/rules.md (R10): {', '.join(Notice)}.",
    )

    @field_validator("under", "columns")
    @classmethod
    def _inside_the_fence(
        cls, places: tuple[SubtreeSettings | ColumnSettings, ...], info: ValidationInfo
    ) -> tuple[SubtreeSettings | ColumnSettings, ...]:
        hosts: Any = info.data.get("hosts")
        if hosts is None:  # they are wrong themselves, and that is reported
            return places
        what = "page" if info.field_name == "under" else "column"
        for place in places:
            try:
                refusal = Fence(hosts, [place.url]).refusal(place.url)
            except ValueError as error:
                refusal = str(error)
            if refusal:
                raise ValueError(f"the {what} {place.url!r} cannot be asked: {refusal}")
        return places

    @field_validator("columns")
    @classmethod
    def _something_to_watch(
        cls, columns: tuple[ColumnSettings, ...], info: ValidationInfo
    ) -> tuple[ColumnSettings, ...]:
        is_draft = bool(info.context and info.context.get(DRAFT))
        if not columns and not is_draft and not info.data.get("under", True):
            raise ValueError(
                "there is nothing to watch, neither columns nor under; `yange columns` finds some"
            )
        return columns

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the columns, and of the pages that others are found from."""
        return (*(one.url for one in self.columns), *(one.url for one in self.under))

    @cached_property
    def fence(self) -> Fence:
        """The fence around this portal."""
        return Fence(self.hosts, self.addresses)
