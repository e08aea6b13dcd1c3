"""The sections of the configuration about feeds and messages: every key once, with its help."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from archive.comparison import Kind
from archive.fields import FIELD_NAMES, Validity
from archive.law.conflicts.conflict import ConflictKind
from archive.telling.wording import Language
from crawler.settings import OneOrMore, Text

PROBLEMS = "problems"
"""Among the outcomes of `runs`: a run that names a problem, however it ended."""
Trouble = Literal["failed", "incomplete", "interrupted", "missed", "problems"]

_NAME = re.compile(r"\w[\w.-]*")
_DAILY = re.compile(
    r"daily\s+at\s+\"?(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)\"?", re.IGNORECASE
)
_NOW = "now"


def _field(name: str) -> str:
    if name not in FIELD_NAMES:
        raise ValueError(f"{name!r} is not a field; fields are {', '.join(FIELD_NAMES)}")
    return name


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("should be one word of letters, digits, dots, - and _")
    return text


def _when(text: str) -> str:
    if text != _NOW and not _DAILY.fullmatch(text):
        raise ValueError("should be now, or daily at a time of day, such as daily at 08:00")
    return text


def web_address(text: str) -> str:
    """A base address without its last slash. Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("should be an address such as https://archive.example.org")
    return text.rstrip("/")


def _places(value: object) -> object:
    """Words without a place may stand in any."""
    return {"anywhere": value} if isinstance(value, str | list) else value


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


WebAddress = Annotated[str, AfterValidator(web_address)]


class FeedSettings(_Section):
    """Feeds of changes, kept as files."""

    folder: Path = Field(
        description="The folder in which the Atom and JSON feeds are written after every run; "
        "relative to the configuration file's folder."
    )
    entries: int = Field(
        default=100, ge=1, le=10000, description="Changes in a feed, the newest, at most."
    )
    base_url: WebAddress | None = Field(
        default=None,
        description="The address at which the folder is served; feeds say it of themselves.",
    )
    language: Language = Field(default="zh", description="The language of feeds: zh or en.")
    baseline: bool = Field(
        default=False,
        description="Whether feeds hold what the first complete reading of a list brought.",
    )


class ValidityFilter(_Section):
    """What a document's validity was before a change, and what it is after it."""

    before: OneOrMore[Validity] | None = Field(
        default=None, description="The document's validity was one of these before the change."
    )
    after: OneOrMore[Validity] | None = Field(
        default=None, description="The document's validity is one of these after the change."
    )


class WordFilter(_Section):
    """Words, of which one at least stands in each of the places that are named."""

    anywhere: OneOrMore[Text] | None = Field(
        default=None,
        description="One of these stands in the title, or in what was or is; a list in the place "
        "of this section means the same.",
    )
    title: OneOrMore[Text] | None = Field(
        default=None, description="One of these stands in the document's title."
    )
    before: OneOrMore[Text] | None = Field(
        default=None, description="One of these stands in what was there before."
    )
    after: OneOrMore[Text] | None = Field(
        default=None,
        description="One of these stands in what is there now; for a new document, in its text.",
    )


class Rule(_Section):
    """Whom to tell of what, and when. A change is told of if it meets all filters given."""

    name: Annotated[str, AfterValidator(_name)] = Field(
        description="A name of your choice; what was told already is kept under it."
    )
    to: OneOrMore[Text] = Field(
        description="Where messages go, each as apprise writes it; secrets as ${NAME}."
    )
    when: Annotated[str, AfterValidator(_when)] = Field(
        default=_NOW,
        description="now, when a run has ended; or daily at HH:MM, all of a day in one message.",
    )
    language: Language = Field(default="zh", description="The language of messages: zh or en.")
    portals: OneOrMore[Text] | None = Field(
        default=None, description="Of these portals only, by their keys."
    )
    kinds: OneOrMore[Kind] | None = Field(
        default=None, description="Changes of these kinds (docs/rules.md, R8)."
    )
    fields: OneOrMore[Annotated[str, AfterValidator(_field)]] | None = Field(
        default=None, description="Changes of these fields."
    )
    agencies: OneOrMore[Text] | None = Field(
        default=None, description="Of documents whose agency has one of these in its name."
    )
    documents: OneOrMore[Text] | None = Field(
        default=None, description="Of these documents, by any of their numbers or addresses."
    )
    watch: OneOrMore[Text] | None = Field(
        default=None, description="Of one of these lists of `watch`, by their names."
    )
    validity: ValidityFilter | None = Field(default=None, description="By the document's validity.")
    words: Annotated[WordFilter, BeforeValidator(_places)] | None = Field(
        default=None, description="By words."
    )
    baseline: bool = Field(
        default=False,
        description="Whether what the first complete reading of a list brought is told of.",
    )
    runs: OneOrMore[Trouble] | None = Field(
        default=None,
        description="Runs that ended so: failed, incomplete, interrupted, missed, or with problems;"
        " a rule that has no filter of changes tells of these alone.",
    )
    conflicts: OneOrMore[ConflictKind] | None = Field(
        default=None,
        description="Conflicts of these kinds (docs/force.md), each once, of the portals and lists "
        "that are named; a rule that has no filter of changes besides tells of these alone.",
    )
    expiries: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=36500,
        description="What will run out within so many days (docs/force.md), each end once, of the "
        "portals and lists that are named; a rule that has no filter of changes besides tells of "
        "these alone.",
    )
    messages_per_hour: int = Field(
        default=12,
        ge=1,
        description="What goes to one target within an hour, at most; what comes beyond waits, and "
        "becomes one message.",
    )

    @property
    def tells_changes(self) -> bool:
        """Whether the rule is about changes at all."""
        filters = (
            *(self.kinds, self.fields, self.agencies, self.documents, self.validity, self.words),
            # With conflicts or expiries a list says of which.
            self.watch if self.conflicts is None and self.expiries is None else None,
        )
        others = (self.runs, self.conflicts, self.expiries)
        is_of_others = any(one is not None for one in others)
        return not is_of_others or self.baseline or any(one is not None for one in filters)

    @property
    def digest_at(self) -> time | None:
        """The time of day of a daily digest, or None for a rule that tells at once."""
        found = _DAILY.fullmatch(self.when)
        return time(int(found["hour"]), int(found["minute"])) if found else None


def distinct(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules, none of which shares its name. Raises ValueError."""
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is the name of several rules; each needs one of its own")
    return rules
