"""What can be said about a portal whose pages the built-in rules do not read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

READER_VERSION = "6"
"""Raised whenever the same bytes could give another reading than before."""

_KEYS = {"body", "labels", "notices", "timezone"}


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """The settings of a reader; the defaults read an EasySite portal in China.

    `timezone` is the zone in which the portal gives its times. `labels` maps names of fields
    (`archive.fields.FIELD_NAMES`) to further labels of theirs; these are looked for before the
    built-in ones, and `validity` means the same as `validity_label`. `body` holds CSS selectors
    of the element with a document's text, tried in order before the built-in ones. `notices` maps
    names of the catalogue (`crawler.notices.Notice`) to further phrases of such pages.
    """

    timezone: str = "Asia/Shanghai"
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: tuple[str, ...] = ()
    notices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the reader with these settings: its version and, unless they are the
        defaults, the first eight hexadecimal digits of their SHA-256."""
        canonical = self.to_json()
        if canonical == ReaderSettings().to_json():
            return READER_VERSION
        return f"{READER_VERSION}+{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"

    def to_json(self) -> str:
        """The settings in their one spelling; names without words of their own are left out."""
        value = {
            "body": self.body,
            "labels": _with_words(self.labels),
            "notices": _with_words(self.notices),
            "timezone": self.timezone,
        }
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_json(cls, text: str) -> ReaderSettings:
        """The settings that `to_json` wrote. Raises ValueError where it cannot have."""
        value = orjson.loads(text)
        if not isinstance(value, dict) or value.keys() != _KEYS:
            raise ValueError("these are not the settings of a reader")
        return cls(
            timezone=value["timezone"],
            labels=_with_words(value["labels"]),
            body=tuple(value["body"]),
            notices=_with_words(value["notices"]),
        )


def _with_words(words_by_name: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {str(name): tuple(words) for name, words in words_by_name.items() if words}
