"""The keys of the configuration, read off the settings themselves: for help and for hints."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scheduler.settings import Settings


class Key(NamedTuple):
    """One key: its path, its default (`required` where there is none) and its sentence of help."""

    path: str
    default: str
    help: str


def keys(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[Key]:
    """Every key below `model`, depth first, in the order of declaration."""
    for name, field in model.model_fields.items():
        path = prefix + name
        steps, section = _section(field.annotation)
        if section is None:
            yield Key(path, _default(field), field.description or "")
        else:
            yield from keys(section, path + "".join(steps) + ".")


def key_table(say: Callable[[str], str] = str) -> str:
    """The keys as a Markdown table, in English or as `say` has it."""
    rows = [f"| {say('key')} | {say('default')} | {say('meaning')} |", "|---|---|---|"]
    for key in keys():
        # A value is the same in every language.
        default = key.default if key.default.startswith("`") else say(key.default)
        rows.append(f"| `{key.path}` | {default} | {say(key.help)} |")
    return "\n".join(rows)


def section_at(
    location: Sequence[int | str], root: type[BaseModel] = Settings
) -> type[BaseModel] | None:
    """The section at `location`, a path of keys, names and list indices; None for no section."""
    model: type[BaseModel] | None = root
    names_and_indices = 0
    for step in location:
        if names_and_indices:
            names_and_indices -= 1
            continue
        field = model.model_fields.get(str(step)) if model else None
        if field is None:
            return None
        steps, model = _section(field.annotation)
        names_and_indices = len(steps)
    return model


def _section(annotation: object) -> tuple[list[str], type[BaseModel] | None]:
    """The section that a field holds, and the steps that lead to it through dicts and lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [], annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _section(arguments[0])
    if origin in (Union, types.UnionType):
        found = (_section(argument) for argument in arguments)
        return next((pair for pair in found if pair[1]), ([], None))
    if origin in (dict, list, tuple):
        steps, section = _section(arguments[1] if origin is dict else arguments[0])
        return [".<name>" if origin is dict else "[]", *steps], section
    return [], None


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "none" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"
