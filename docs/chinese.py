"""What the program says about its commands and keys, in Chinese: the sentences of docs/zh.yaml."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

CATALOGUE = Path(__file__).with_name("zh.yaml")

Say = Callable[[str], str]
"""A sentence of the program's as a page says it; `str` leaves it in English."""

# What click puts behind an option's help, such as [env var: NAME; default: 50; x>=1].
_EXTRAS = re.compile(r" \[([^\[\]]*)\]$")


class Chinese:
    """Says sentences as the catalogue has them, and knows which it lacks and which nobody says."""

    def __init__(self, path: Path) -> None:
        """Read the catalogue, a list of pairs `{en, zh}`; no sentence may be in it twice."""
        pairs = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._known = {_in_one_line(pair["en"]): _in_one_line(pair["zh"]) for pair in pairs}
        if len(self._known) < len(pairs):
            sys.exit(f"{path.name} has a sentence twice")
        self._said: set[str] = set()
        self._lacking: dict[str, None] = {}

    def __call__(self, sentence: str) -> str:
        """The sentence in Chinese; what click put behind it keeps its place."""
        sentence = _in_one_line(sentence)
        self._said.add(sentence)
        if sentence in self._known:
            return self._known[sentence]
        if (extras := _EXTRAS.search(sentence)) is not None:
            told = "；".join(self._extra(one) for one in extras[1].split("; "))
            return f"{self(sentence[: extras.start()])}［{told}］"
        self._lacking[sentence] = None
        return sentence

    def faults(self) -> list[str]:
        """What the catalogue lacks of what was said, and what it has and nobody said."""
        return [f"no Chinese for: {one}" for one in self._lacking] + [
            f"nobody says any more: {one}" for one in self._known if one not in self._said
        ]

    def _extra(self, extra: str) -> str:
        name, _, value = extra.partition(": ")
        # A bare condition, such as x>=1, says the same to everybody.
        return f"{self(name)}：{value}" if value else extra


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
