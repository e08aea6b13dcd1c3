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
from crawler.window import Window

_T = TypeVar("_T")

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


Text = Annotated[str, AfterValidator(_stripped)]
Host = Annotated[Text, AfterValidator(_host)]
Selector = Annotated[Text, AfterValidator(_selector)]
FieldName = Annotated[str, AfterValidator(_field_name)]
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
    timeout: float = Field(
        default=60.0, gt=0, le=3600, description="Seconds until an unfinished answer is given up."
    )
    list_pages: int = Field(
        default=500, gt=0, description="Pages of one column's list that a run reads, at most."
    )
    redirects: int = Field(
        default=5, ge=0, description="Redirects that are followed one after another."
    )
    retries: int = Field(
        default=2,
        ge=0,
        description="Further attempts after a passing failure, such as a time-out or a 503.",
    )


class PortalSettings(_Section):
    """One government site, with its subdomains."""

    name: Text = Field(description="What people call the portal.")
    hosts: Several[Host] = Field(
        description="The only hosts that are asked: a name, *.name for its subdomains, or an "
        "address, each with a port if need be."
    )
    columns: Several[Column] = Field(description="The columns that are watched.")
    politeness: Politeness = Field(default=Politeness(), description="How the portal is asked.")
    limits: Limits = Field(default=Limits(), description="What is too much, or too long.")
    labels: dict[FieldName, OneOrMore[Text]] = Field(
        default_factory=dict,
        description="Further words by which the portal labels a field, under the field's name.",
    )
    body: OneOrMore[Selector] = Field(
        default=(),
        description="CSS selectors of the body, tried before the ones that are built in.",
    )

    @field_validator("columns")
    @classmethod
    def _inside_the_fence(
        cls, columns: tuple[ColumnSettings, ...], info: ValidationInfo
    ) -> tuple[ColumnSettings, ...]:
        hosts: Any = info.data.get("hosts")
        if hosts is None:  # they are wrong themselves, and that is reported
            return columns
        for column in columns:
            try:
                refusal = Fence(hosts, [column.url]).refusal(column.url)
            except ValueError as error:
                refusal = str(error)
            if refusal:
                raise ValueError(f"the column {column.url!r} cannot be asked: {refusal}")
        return columns

    @cached_property
    def fence(self) -> Fence:
        """The fence around this portal."""
        return Fence(self.hosts, (column.url for column in self.columns))
