"""Loading the configuration: read, filled in from the environment, and checked as a whole."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from archive.errors import ConfigurationError
from crawler.settings import DRAFT
from scheduler.keys import section_at
from scheduler.masking import Mask, secrets_of
from scheduler.settings import Settings
from scheduler.yaml_file import read_file, read_yaml

_Model = TypeVar("_Model", bound=BaseModel)

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ADDRESS = re.compile(r"://[^\s\"']+")
_SHOWN = 80  # characters of a wrong value that are repeated in the complaint about it

_SECRET = ("access_key", "secret_key")

_WORDING = {
    "dict_type": "should be a mapping of keys to values",
    "model_type": "should be a mapping of keys to values",
    "string_type": "should be text; put it in quotes",
    "tuple_type": "should be a list",
    "path_type": "should be a path; put it in quotes",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """A checked configuration: where it stands, what it says, and the secrets that went in.

    `text` are the bytes that it was read from.
    """

    path: Path
    settings: Settings
    mask: Mask
    text: bytes


def load(path: Path, *, draft: bool = False, text: bytes | None = None) -> Configuration:
    """Load and check the configuration file at `path`; in a `draft` nothing need be watched yet.

    With `text`, that is what the file said when somebody else read it, and it is not read again.

    `${NAME}` in a value is replaced by the environment variable of that name. Relative paths are
    taken from the file's own folder, so that they mean the same wherever a command was started.
    Raises ConfigurationError, which names every problem there is on a line of its own.
    """
    settings, mask, path, text = checked(path, text, Settings, {DRAFT: draft})
    # A token that stands in the file itself is as secret as one from the environment.
    tokens = {secret for rule in settings.notify for to in rule.to for secret in secrets_of(to)}
    if settings.fleet is not None:
        tokens.update(settings.fleet.secrets)
    return Configuration(path, _anchored(settings, path.parent), mask.and_of(tokens), text)


def checked(
    path: Path, text: bytes | None, model: type[_Model], context: dict[str, Any]
) -> tuple[_Model, Mask, Path, bytes]:
    """What the file at `path` says as `model`, a mask of what came from the environment, the path
    made absolute, and the bytes that were read. Raises ConfigurationError as `load` does.
    """
    path = path.absolute()
    text = read_file(path) if text is None else text
    written, problems = read_yaml(path, text)
    environment = _Environment()
    filled_in = environment.fill_in(written, ())
    problems += environment.problems
    mask = Mask(environment.used.values())
    try:
        settings = model.model_validate(filled_in, context=context)
    except ValidationError as error:
        reported = {tuple(where) for where in environment.missing}
        problems += [
            _complaint(details, written, mask, model)
            for details in error.errors(include_url=False)
            if details["loc"] not in reported
        ]
    if problems:
        raise unsound(path, problems)
    return settings, mask, path, text


def unsound(path: Path, problems: Sequence[str]) -> ConfigurationError:
    """The error that names what is wrong with the configuration at `path`, each on a line."""
    lines = "".join(f"\n  {problem}" for problem in problems)
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    return ConfigurationError(f"the configuration {path} has {count}:{lines}")


@dataclass(slots=True)
class _Environment:
    """Fills `${NAME}` in, and remembers what was used and what was missing."""

    used: dict[str, str] = field(default_factory=dict)
    missing: list[tuple[int | str, ...]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def fill_in(self, node: object, where: tuple[int | str, ...]) -> object:
        if isinstance(node, dict):
            return {key: self.fill_in(value, (*where, key)) for key, value in node.items()}
        if isinstance(node, list):
            return [self.fill_in(value, (*where, index)) for index, value in enumerate(node)]
        if isinstance(node, str):
            return _VARIABLE.sub(lambda match: self._value(match[1], where), node)
        return node

    def _value(self, name: str, where: tuple[int | str, ...]) -> str:
        value = os.environ.get(name)
        if value is None:
            self.missing.append(where)
            self.problems.append(f"{_dotted(where)}: the environment has no variable {name}")
            return ""
        self.used[name] = value
        return value


def _complaint(details: ErrorDetails, written: object, mask: Mask, model: type[BaseModel]) -> str:
    """One line: the path of the key, its value as written, and what would be right."""
    location, kind = details["loc"], details["type"]
    section = section_at(location[:-1], model)
    fields = section.model_fields if section else {}
    if kind == "missing":
        help_ = fields[str(location[-1])].description
        return f"{_dotted(location)}: is missing; it is needed: {help_}"
    value = mask.text(_shown(written, location))
    if kind == "extra_forbidden":
        right = "is no key here; " + _suggestion(str(location[-1]), tuple(fields))
    else:
        message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
        right = mask.text(_WORDING.get(kind, message))
    return ": ".join(part for part in (_dotted(location), value, right) if part)


def _suggestion(key: str, known: Sequence[str]) -> str:
    likely = get_close_matches(key, known, n=1)
    return f"did you mean {likely[0]}?" if likely else f"keys here are {', '.join(known)}"


def _shown(written: object, location: Sequence[int | str]) -> str:
    """What stands at `location` in the file, `${NAME}` unexpanded; "" where it goes unsaid."""
    value = written
    for step in location:
        if step == "[key]":
            return ""
        if isinstance(value, dict):
            if step not in value:
                return ""
            value = value[step]
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    text = json.dumps(value, ensure_ascii=False, default=str)
    if location[0] in ("notify", "fleet"):
        # Addresses have secrets in them wherever they are written.
        text = _ADDRESS.sub("://…", text)
    if location[0] == "fleet" and (len(location) == 1 or location[-1] in _SECRET):
        return ""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _dotted(location: Sequence[int | str]) -> str:
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step != "[key]":
            text += f".{step}" if text else step
    return text


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with their paths made absolute, starting from `folder`."""

    def absolute(path: Path) -> Path:
        return folder / path.expanduser()

    archive = settings.archive.model_copy(update={"path": absolute(settings.archive.path)})
    log = settings.log
    if log.file is not None:
        log = log.model_copy(update={"file": absolute(log.file)})
    feeds = settings.feeds
    if feeds is not None:
        feeds = feeds.model_copy(update={"folder": absolute(feeds.folder)})
    fleet = settings.fleet
    if fleet is not None:
        fleet = fleet.anchored(folder)
    return settings.model_copy(
        update={"archive": archive, "log": log, "feeds": feeds, "fleet": fleet}
    )
