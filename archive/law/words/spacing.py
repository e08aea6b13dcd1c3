"""White space within words, as pages have it that were spread out, justified or scanned.

起 施 行 is 施行. Only a character that stands alone is closed up: two words that white space keeps
apart, such as an agency and a document number, stay two.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_HAN = r"[\u4e00-\u9fff〇]"
_BESIDE = r"[\u4e00-\u9fff〇\d]"
_GAP = re.compile(
    rf"(?<={_HAN})[^\S\t\n]+(?={_HAN}(?!{_BESIDE}))|(?<!{_BESIDE}{_HAN})(?<={_HAN})[^\S\t\n]+(?={_HAN})"
    rf"|(?<=日)[^\S\t\n]+(?=[起止])|(?<={_HAN})[^\S\t\n]+(?=[。，；、])"
)


class Closed(NamedTuple):
    """A text without the white space in its words, and the original.

    `places` has, for each line of it by number that is shorter than it was, the place in the line
    as it was of each character left.
    """

    original: str
    text: str
    places: dict[int, list[int]]

    def as_it_was(self, line: int, start: int, end: int) -> tuple[int, int]:
        """The span in a line of the original text of a span in that line of this one."""
        places = self.places.get(line)
        return (start, end) if places is None else (places[start], places[end - 1] + 1)


def closed_up(text: str) -> Closed:
    """A text with the words closed up that white space stands in."""
    if _GAP.search(text) is None:
        return Closed(text, text, {})
    lines = text.split("\n")
    places = {}
    for number, line in enumerate(lines):
        gaps = [match.span() for match in _GAP.finditer(line)]
        if gaps:
            gone = {place for gap in gaps for place in range(*gap)}
            kept = [place for place in range(len(line)) if place not in gone]
            lines[number] = "".join(line[place] for place in kept)
            places[number] = kept
    return Closed(text, "\n".join(lines), places)
