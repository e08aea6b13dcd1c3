"""Labels on a page: where one stands, and which text is its value.

A label is found by its word, whatever element it stands in. It must begin a line, or follow
another label in the same line, and nothing but a colon, a bracket, an element's edge or white
space may follow it. The value is the rest of the line up to the next label; where the line ends
with the label, it is whatever comes next inside the same row, whether that is a cell, a `<dd>`,
a sibling or a wrapper around it. What comes next is no value if it is a label itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from crawler.reading.furniture import is_furniture, is_hidden
from crawler.reading.outline import LINE, RUN, Outline
from crawler.reading.vocabulary import Vocabulary
from crawler.reading.whitespace import squeeze

_OPENING = "【[［〔〖・·•●■◆▪*"
_CLOSING = "】]］〕〗"
_COLONS = ":：﹕︰∶"
_SEPARATORS = "；;|｜,，、"
# Beyond these elements there is another row.
_ROWS = frozenset(("tr", "ul", "ol", "dl", "table", "tbody", "thead", "body", "html"))
_VALUE_TAGS = frozenset(("td", "th", "dd"))
# Outside these, what follows a label might be the document itself.
_LONGEST_VALUE = 1500
_UNKNOWN_LABEL = re.compile(r"[\u4e00-\u9fff]{2,10}[:：]")


@dataclass(frozen=True, slots=True)
class Hit:
    """A label: its word without padding, and where it and its line begin and end.

    `end` is after the colon, where the value begins if it stands in the same line.
    """

    word: str
    begin: int
    word_end: int
    end: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A label with its value as on the page; `begin` and `end` are offsets that hold both."""

    word: str
    value: str
    begin: int
    end: int
    label_element: etree._Element
    value_element: etree._Element | None = None


def find_hits(outline: Outline, vocabulary: Vocabulary) -> list[Hit]:
    """All labels of the page, in page order."""
    text = outline.text
    hits: list[Hit] = []
    for match in vocabulary.pattern.finditer(text):
        begins_line, begins_run, spaced = _before(text, match.start())
        marked, edge, end = _after(text, match.end())
        follows = bool(hits) and hits[-1].line_end > match.start()
        if not (
            (begins_line and (marked or edge or end > match.end()))
            or (follows and begins_run and (marked or edge))
            or (follows and spaced and marked)
        ):
            continue
        line_end = text.find(LINE, match.end())
        hits.append(
            Hit(
                word=squeeze(match[0].replace(RUN, "")),
                begin=match.start(),
                word_end=match.end(),
                end=end,
                line_end=len(text) if line_end < 0 else line_end,
            )
        )
    return hits


def shown_hits(outline: Outline, hits: list[Hit]) -> list[Hit]:
    """Those labels that no markup hides."""
    hidden: dict[etree._Element | None, bool] = {None: False}

    def is_hidden_at(element: etree._Element) -> bool:
        chain = []
        around: etree._Element | None = element
        while around not in hidden:
            assert around is not None
            chain.append(around)
            around = around.getparent()
        for one in reversed(chain):
            hidden[one] = hidden[one.getparent()] or is_hidden(one)
        return hidden[element]

    return [hit for hit in hits if not is_hidden_at(outline.owner(hit.begin))]


def pair_up(
    outline: Outline,
    hits: list[Hit],
    is_body: Callable[[etree._Element], bool],
    below: Mapping[int, etree._Element],
) -> list[Pair]:
    """Each label with its value, `""` where it has none.

    An element of which `is_body` is true is never a value: it is what the labels are about. `below`
    are values that are known already, by where their labels begin.
    """
    starts = {hit.begin for hit in hits}
    pairs = []
    for number, hit in enumerate(hits):
        following = hits[number + 1] if number + 1 < len(hits) else None
        in_line = following is not None and following.begin < hit.line_end
        end = following.begin if following is not None and in_line else hit.line_end
        owner = holder_of(outline, hit)
        value = outline.tidy(hit.end, end)
        if following is not None and in_line:
            value = value.rstrip(_OPENING + _SEPARATORS + " ")
        element = None
        if not value and not in_line:
            element = below.get(hit.begin)
            if element is None:
                element = _next_in_row(outline, hit, owner, is_body)
            if element is not None:
                value, end = _value_of(outline, element, starts, end)
        pairs.append(Pair(hit.word, value, hit.begin, end, owner, element))
    return pairs


def _before(text: str, offset: int) -> tuple[bool, bool, bool]:
    """Whether a label at `offset` begins a line, begins an element, or follows white space."""
    at = offset - 1
    edge = False
    while at >= 0 and text[at] != LINE and (text[at].isspace() or text[at] in _OPENING):
        edge = edge or text[at] == RUN
        at -= 1
    begins_line = at < 0 or text[at] == LINE
    return begins_line, edge, at < offset - 1 or text[at] in _SEPARATORS


def _after(text: str, offset: int) -> tuple[bool, bool, int]:
    """Whether a colon or bracket marks the label, whether its element ends, where it is over."""
    at = offset
    marked = edge = False
    while at < len(text) and text[at] != LINE:
        if text[at] in _CLOSING or text[at] in _COLONS:
            marked = True
        elif text[at] == RUN:
            edge = edge or not marked
        elif not text[at].isspace():
            break
        at += 1
    return marked, edge or at == len(text) or text[at] == LINE, at


def holder_of(outline: Outline, hit: Hit) -> etree._Element:
    """The innermost element that holds all of a label: its letters may be elements themselves."""
    owner = outline.owner(hit.begin)
    around = (owner, *owner.iterancestors())
    return next((one for one in around if outline.span(one)[1] >= hit.word_end), owner)


def _next_in_row(
    outline: Outline,
    hit: Hit,
    owner: etree._Element,
    is_body: Callable[[etree._Element], bool],
) -> etree._Element | None:
    """The element that comes next in the row of a label that ends its line."""
    around: etree._Element | None = owner
    label = squeeze(outline.tidy(hit.begin, hit.line_end))
    climbed = 0
    while around is not None:
        child = outline.child_from(around, hit.end)
        while child is not None and (child.tag == "input" or is_furniture(child)):
            child = child.getnext()
        if child is not None:
            foreign = is_body(child) or (climbed > 1 and child.get("id") is not None)
            return None if foreign or (around.tag == "dl" and child.tag != "dd") else child
        # Only a wrapper of the label alone is left for the row around it.
        if around.tag in _ROWS or squeeze(outline.text_of(around)).lstrip(_OPENING) != label:
            return None
        climbed += around.tag != "span"
        around = around.getparent()
    return None


def _value_of(
    outline: Outline, element: etree._Element, labels: set[int], label_end: int
) -> tuple[str, int]:
    """The text of an element as a value, and where it ends; nothing if it is a label itself."""
    begin, end = outline.span(element)
    if element.tag == "br":
        begin, end = end, outline.text.find(LINE, end + 1)
    first = next((at for at in range(begin, end) if _is_text(outline.text[at])), end)
    value = outline.tidy(begin, end)
    too_long = len(value) > _LONGEST_VALUE and element.tag not in _VALUE_TAGS
    if first in labels or too_long or _UNKNOWN_LABEL.fullmatch(squeeze(value)):
        return "", label_end
    return value, end


def _is_text(character: str) -> bool:
    return not character.isspace() and character not in _OPENING
