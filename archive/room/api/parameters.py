"""What can be asked of the API in an address: each parameter once, with its help and its schema."""

from __future__ import annotations

from typing import Any, NamedTuple

from archive.capture import Outcome
from archive.captures import CaptureFilter
from archive.comparison import Kind
from archive.errors import ConfigurationError
from archive.fields import Validity
from archive.law.conflicts.conflict import ConflictKind
from archive.room import comparing
from archive.room.change_query import number
from archive.room.visit import Visit
from archive.when import end_of, start_of

Schema = dict[str, Any]

LIMIT = 50
MOST = 200
_TEXT: Schema = {"type": "string", "maxLength": 500}
_DATE: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_FLAG: Schema = {"type": "string", "enum": ["true", "false"]}


class Parameter(NamedTuple):
    """A parameter of an address, named like the command line's option."""

    name: str
    help: str
    schema: Schema = _TEXT
    many: bool = False
    required: bool = False


_WATCH = Parameter("watch", "Of this list of the configuration's `watch`, as it stands now.")
SELECTION: tuple[Parameter, ...] = (
    Parameter("portal", "Documents of this portal."),
    Parameter("validity", f"{', '.join(Validity)}; or the portal's own word."),
    Parameter("agency", "Documents of agencies with this in their name."),
    Parameter("category", "Documents with this in their category."),
    Parameter("published-from", "Published on this day or later.", _DATE),
    Parameter("published-to", "Published on this day or earlier.", _DATE),
    Parameter("written-from", "Written on this day or later.", _DATE),
    Parameter("written-to", "Written on this day or earlier.", _DATE),
    Parameter("changed-since", "With a version recorded since then; a date is its start."),
    Parameter("status", "With this status.", {"type": "string", "enum": ["current", "withdrawn"]}),
    Parameter(
        "as-of",
        "As the documents stood then; a date is its end. The filters are about that state.",
    ),
    _WATCH,
)
PAGE: tuple[Parameter, ...] = (
    Parameter("limit", f"So many at once; {LIMIT} if not given.", {**_COUNT, "maximum": MOST}),
    Parameter("offset", "Leave out so many before.", {"type": "integer", "minimum": 0}),
)
CURSOR: tuple[Parameter, ...] = (
    PAGE[0],
    Parameter("cursor", "Those after this one, as `next` has it."),
)
INDEX = Parameter("index", "A number or an address of a document.", {**_TEXT, "maxLength": 2000})
_DOCUMENT: tuple[Parameter, ...] = (
    INDEX,
    Parameter("document", "The archive's own number of a document, as in its address.", _COUNT),
)
_SINCE = Parameter("since", "Then or later; a date is its start.")
_UNTIL = Parameter("until", "Then or earlier; a date is its end.")
_RUN = Parameter("run", "Recorded by this run.", _COUNT)
CHANGES: tuple[Parameter, ...] = (
    _SINCE,
    _UNTIL,
    Parameter("kind", "Of this kind.", {"type": "string", "enum": [*Kind]}, many=True),
    Parameter("field", "Of this field, such as issuing_agency, or of this attachment."),
    INDEX,
    SELECTION[0],
    _RUN,
    *(one._replace(help=f"{one.help[:-1]}, as they stand now.") for one in SELECTION[1:4]),
    _WATCH,
    Parameter("column", "Of documents in the folder of this column's address, or below."),
    Parameter("q", "With these words in title, number, or what was before or after."),
    Parameter(
        "baseline", "With the first complete reading of each list; true if not given.", _FLAG
    ),
)
BY = Parameter(
    "by",
    "Compare line by line, or article by article as well: that adds `articles`.",
    {"type": "string", "enum": [*comparing.BY]},
)
CAPTURES: tuple[Parameter, ...] = (
    INDEX,
    _RUN,
    Parameter("outcome", "With this outcome.", {"type": "string", "enum": [*Outcome]}, many=True),
    _SINCE,
    _UNTIL,
    PAGE[0],
)
SEARCH: tuple[Parameter, ...] = (
    Parameter("q", "The words to look for.", required=True),
    *SELECTION,
    Parameter("all-versions", "Also by what only former versions said.", _FLAG),
    *PAGE,
)
CLAIMS: tuple[Parameter, ...] = (
    *_DOCUMENT,
    Parameter("version", "Of this version of the document; else the newest.", _COUNT),
    *PAGE,
)
CONFLICTS: tuple[Parameter, ...] = (
    Parameter("kind", "Of this kind.", {"type": "string", "enum": [*ConflictKind]}, many=True),
    Parameter("all", "Those that have been resolved, too.", _FLAG),
    SELECTION[0],
    _WATCH,
    *_DOCUMENT,
    *PAGE,
)
IN_FORCE: tuple[Parameter, ...] = (
    Parameter("as-of", "The day; today if not given."),
    SELECTION[0],
    *SELECTION[2:4],
    *_DOCUMENT,
    *PAGE,
)
CALENDAR: tuple[Parameter, ...] = (
    Parameter("until", "On this day or earlier."),
    SELECTION[0],
    _WATCH,
    *_DOCUMENT,
    *PAGE,
)
AS_OF = Parameter("as-of", "The version that stood then; a date is its end.")
RUNS: tuple[Parameter, ...] = (SELECTION[0], *CURSOR)
LOG: tuple[Parameter, ...] = (
    Parameter(
        "level",
        "The least grave events to tell.",
        {"type": "string", "enum": ["debug", "info", "warning", "error"]},
    ),
    PAGE[0],
)


def check(visit: Visit, known: tuple[Parameter, ...]) -> None:
    """Refuse what no parameter means, as the command line does. Raises ConfigurationError."""
    by_name = {one.name: one for one in known}
    for name in visit.request.query_params:
        parameter = by_name.get(name.replace("_", "-"))
        if parameter is None:
            names = ", ".join(by_name) or "none"
            raise ConfigurationError(f"there is no parameter {name[:50]!r} here; there is {names}")
        for value in visit.request.query_params.getlist(name):
            _check_value(parameter, value.strip())
    for one in known:
        if one.required and visit.given(one.name) is None:
            raise ConfigurationError(f"{one.name} is missing: {one.help}")


def limit_of(visit: Visit) -> int:
    """How many are asked for."""
    return number("limit", visit.given("limit")) or LIMIT


def offset_of(visit: Visit) -> int:
    """How many are left out before."""
    return number("offset", visit.given("offset")) or 0


def as_of_ms(visit: Visit) -> int | None:
    """The moment that is asked about."""
    text = visit.given("as-of")
    return None if text is None else end_of(text, visit.sources.zone)


def is_set(visit: Visit, name: str, *, default: bool) -> bool:
    """Whether a flag is up."""
    text = visit.given(name)
    return default if text is None else text == "true"


def captures_of(visit: Visit) -> CaptureFilter:
    """The captures that are asked for."""
    since, until = visit.given("since"), visit.given("until")
    zone = visit.sources.zone
    return CaptureFilter(
        run_id=number("run", visit.given("run")),
        outcomes=visit.given_all("outcome"),
        since_ms=None if since is None else start_of(since, zone),
        until_ms=None if until is None else end_of(until, zone),
    )


def _check_value(parameter: Parameter, value: str) -> None:
    if not value:
        return
    name, schema = parameter.name, parameter.schema
    if schema["type"] == "integer":
        found = number(name, value)
        assert found is not None
        least, most = schema["minimum"], schema.get("maximum", found)
        if not least <= found <= most:
            upper = f" and {most} at most" if "maximum" in schema else ""
            raise ConfigurationError(f"{name} should be {least} at least{upper}, not {found}")
    elif len(value) > schema.get("maxLength", len(value)):
        raise ConfigurationError(f"{name} is longer than {schema['maxLength']} characters")
    elif value not in schema.get("enum", (value,)):
        raise ConfigurationError(f"{name} should be one of {', '.join(schema['enum'])}")
