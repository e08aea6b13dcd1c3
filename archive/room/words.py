"""The words of the reading room in each of its languages, from `words/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import yaml

CHINESE: Final = "zh-CN"
ENGLISH: Final = "en"
LANGUAGES: tuple[str, ...] = (CHINESE, ENGLISH)
"""As in an element's `lang`; the first is the one for whoever has not chosen."""


@cache
def words(language: str) -> dict[str, str]:
    """Every text of the room in this language, by its key."""
    text = files("archive.room").joinpath("words", f"{language}.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


def say(language: str, key: str, **values: object) -> str:
    """The text of that key, with values put in its `{places}`.

    Where there is a text `KEY.one`, that one is taken for `n=1`.
    """
    known = words(language)
    if values.get("n") == 1:
        key = f"{key}.one" if f"{key}.one" in known else key
    return known[key].format_map(values) if values else known[key]
