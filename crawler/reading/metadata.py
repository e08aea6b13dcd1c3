"""The block of metadata on a page: the labels that belong together, and what they say.

A word such as 标题 or 文号 heads many a table, and sentences about index numbers occur in
documents. So a label counts only in a group: a run of labels of one layout that states an index
number, or at least two fields that nothing but a document's metadata has.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate

from lxml import etree

from crawler.reading.labels import Hit, Pair, find_hits, pair_up, shown_hits
from crawler.reading.outline import BLOCK_TAGS, Outline
from crawler.reading.stacked import values_below
from crawler.reading.vocabulary import Vocabulary
from crawler.reading.whitespace import squeeze

_LAYOUTS = {"td": "table", "th": "table", "dt": "dl", "dd": "dl", "li": "li"}
_LONGEST_CELL = 400
_LONGEST_GAP = 400
_SHORT_GAP = 40
_NO_GAP = 2
_ENOUGH_FIELDS = 2
_LONGEST_NUMBER = 64
# What a block of metadata may hold besides its labels and values, such as a caption.
_LONGEST_REMAINDER = 30
_SENTENCE = re.compile(r"。|，.*，")
# Before a block of metadata that opens the body there is at most a heading.
_LONGEST_HEADING = 120
_UNKNOWN_CELL = re.compile(r"[\u4e00-\u9fff（）]{2,10}[:：]?")
_UNKNOWN_LINE = re.compile(r"([\u4e00-\u9fff]{2,10})[:：](.*)")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The labels of a page with their values, in page order, and the elements they stand in.

    `container` is the smallest element around all of them, None if the page has no metadata;
    `elements` are no part of the document's text.
    """

    pairs: tuple[Pair, ...] = ()
    container: etree._Element | None = None
    elements: frozenset[etree._Element] = frozenset()


class _Spans:
    """The stretches of the outline that bodies take; one may lie inside another."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._edges: list[int] = []
        self._innermost: list[tuple[int, int] | None] = []
        under_way: list[tuple[int, int]] = []
        for span in sorted(spans, key=lambda one: (one[0], -one[1])):
            self._close(under_way, span[0])
            under_way.append(span)
            self._note(span[0], span)
        self._close(under_way, None)

    def around(self, position: int) -> tuple[int, int] | None:
        """The innermost stretch that holds a position, or None."""
        before = bisect_right(self._edges, position)
        return self._innermost[before - 1] if before else None

    def _close(self, under_way: list[tuple[int, int]], until: int | None) -> None:
        while under_way and (until is None or under_way[-1][1] <= until):
            _, end = under_way.pop()
            self._note(end, under_way[-1] if under_way else None)

    def _note(self, edge: int, span: tuple[int, int] | None) -> None:
        self._edges.append(edge)
        self._innermost.append(span)


def find_metadata(
    outline: Outline, vocabulary: Vocabulary, bodies: list[etree._Element]
) -> Metadata:
    """The metadata of a page; `bodies` are elements known to hold the document's text.

    Labels inside a body count only where they open it and there are none elsewhere.
    """
    hits = find_hits(outline, vocabulary)
    shown = shown_hits(outline, hits)
    found = _find_among(shown, outline, vocabulary, bodies)
    if found.container is None and len(shown) < len(hits):
        # Some portals show their metadata at a click only.
        return _find_among(hits, outline, vocabulary, bodies)
    return found


def _find_among(
    hits: list[Hit], outline: Outline, vocabulary: Vocabulary, bodies: list[etree._Element]
) -> Metadata:
    if not hits:
        return Metadata()
    known = set(bodies)
    below = values_below(outline, hits, vocabulary)
    pairs = pair_up(outline, hits, known.__contains__, below)
    spans = [outline.span(body) for body in bodies if outline.visible(body)]
    inside_of = _Spans(spans)
    outside: list[list[Pair]] = []
    inside: list[list[Pair]] = []
    for group in _groups(outline, pairs, inside_of, vocabulary):
        body = inside_of.around(group[0].begin)
        if body is None:
            outside.append(group)
        elif _is_heading(outline.tidy(body[0], group[0].begin)):
            inside.append(group)
    for groups in (outside, inside):
        sound = [group for group in groups if _is_metadata(group, vocabulary)]
        if sound:
            best = max(sound, key=lambda group: _strength(group, vocabulary))
            parts = _with_neighbours(outline, best, groups, vocabulary)
            return _together([_described(outline, part, hits, spans) for part in parts])
    return Metadata()


def _with_neighbours(
    outline: Outline, best: list[Pair], groups: list[list[Pair]], vocabulary: Vocabulary
) -> list[list[Pair]]:
    """A group, and those beside it that state further fields of the same document.

    Some templates put their metadata into two tables, or into a table and a line below it.
    """
    at = next(number for number, group in enumerate(groups) if group is best)
    parts, fields = [best], _fields_of(best, vocabulary)
    for following, step in ((groups[at + 1 :], 1), (groups[:at][::-1], -1)):
        edge = best
        for group in following:
            one, other = (edge, group) if step > 0 else (group, edge)
            own = _fields_of(group, vocabulary)
            between = outline.tidy(one[-1].end, other[0].begin)
            if not _is_heading(between) or not own or own & fields:
                break
            if not (_is_metadata(group, vocabulary) or _is_alike(outline, group, best, between)):
                break
            parts.append(group)
            fields |= own
            edge = group
    return parts


def _is_alike(outline: Outline, group: list[Pair], best: list[Pair], between: str) -> bool:
    """Whether a group follows at once in the same layout, such as another table."""
    one, other = (_layout(outline, part[0].label_element) for part in (group, best))
    kinds = [getattr(layout, "tag", layout) for layout in (one, other)]
    is_stated = sum(1 for pair in group if pair.value) * 3 >= len(group)
    return is_stated and len(between) <= _SHORT_GAP and kinds[0] == kinds[1] and kinds[0] != "p"


def _fields_of(group: list[Pair], vocabulary: Vocabulary) -> set[str]:
    return {vocabulary.field_of[pair.word] for pair in group if pair.word in vocabulary.field_of}


def _together(parts: list[Metadata]) -> Metadata:
    """What several blocks say, as one."""
    if len(parts) == 1:
        return parts[0]
    pairs = {pair.begin: pair for part in parts for pair in part.pairs}
    elements = {element for part in parts for element in part.elements}
    containers = [part.container for part in parts if part.container is not None]
    return Metadata(
        tuple(pairs[begin] for begin in sorted(pairs)),
        reduce(_common, containers),
        frozenset(one for one in elements if elements.isdisjoint(one.iterancestors())),
    )


def _groups(
    outline: Outline, pairs: list[Pair], bodies: _Spans, vocabulary: Vocabulary
) -> Iterator[list[Pair]]:
    """Runs of pairs of one layout, on one side of a body's edge, with little between them."""
    group: list[Pair] = []
    shape: object = None
    around = None
    for pair in pairs:
        its_shape = (_layout(outline, pair.label_element), bodies.around(pair.begin))
        line = _line_element(pair.label_element)
        if around is not None and (
            its_shape != shape or not _adjoins(outline, group[-1], pair, around, vocabulary)
        ):
            yield group
            group, around = [], None
        group.append(pair)
        shape = its_shape
        around = line if around is None else _common(around, line)
    yield group


def _adjoins(
    outline: Outline, last: Pair, pair: Pair, around: etree._Element, vocabulary: Vocabulary
) -> bool:
    """Whether a pair belongs to the group before it by what stands between them.

    `last` is that group's last pair, `around` what is around all of its lines.

    Between fields there may be labels of unknown words; a label that fills no field, such as that
    of a visit counter below the text, must follow at once.
    """
    gap = len(outline.tidy(last.end, pair.begin))
    if pair.word not in vocabulary.field_of:
        return gap <= _NO_GAP
    if gap <= _SHORT_GAP:
        return True
    container = _whole_table(around)
    within = any(one is container for one in _outwards(pair.label_element))
    return within and gap <= _LONGEST_GAP


def _is_heading(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and not _SENTENCE.search(text)


def _layout(outline: Outline, element: etree._Element) -> object:
    """What a label's row is made of; labels of one table share that table."""
    block = None
    for around in _outwards(element):
        if block is None and around.tag in BLOCK_TAGS:
            block = around.tag
        if around.tag in _LAYOUTS and outline.visible(around) <= _LONGEST_CELL:
            if _LAYOUTS[around.tag] != "table":
                return _LAYOUTS[around.tag]
            return next((table for table in _outwards(around) if table.tag == "table"), "table")
        if around.tag in ("table", "body"):
            break
    return block


def _is_metadata(group: list[Pair], vocabulary: Vocabulary) -> bool:
    """Whether a group of labels is a document's metadata and not the head of some table."""
    stated = sum(1 for pair in group if pair.value)
    if stated * 3 < len(group):
        return False
    if any(_is_number(pair, vocabulary) for pair in group):
        return True
    strong = {vocabulary.field_of[pair.word] for pair in group if vocabulary.is_strong(pair.word)}
    told = {pair.word for pair in group if _SENTENCE.search(pair.value)}
    return len(strong - {vocabulary.field_of.get(word) for word in told}) >= _ENOUGH_FIELDS


def _is_number(pair: Pair, vocabulary: Vocabulary) -> bool:
    return (
        vocabulary.field_of.get(pair.word) == "index_number"
        and 0 < len(pair.value) <= _LONGEST_NUMBER
        and not _SENTENCE.search(pair.value)
    )


def _strength(group: list[Pair], vocabulary: Vocabulary) -> tuple[bool, int]:
    fields = {vocabulary.field_of[pair.word] for pair in group if pair.word in vocabulary.field_of}
    return any(_is_number(pair, vocabulary) for pair in group), len(fields)


def _described(
    outline: Outline, group: list[Pair], hits: list[Hit], bodies: list[tuple[int, int]]
) -> Metadata:
    """A group with the unknown labels among it, and the elements that it takes up."""
    container = _around_all([pair.label_element for pair in group])
    begin, end = outline.span(container)
    apart = container.tag not in ("body", "html") and not any(
        begin <= body[0] and body[1] <= end for body in bodies
    )
    unknown = _unknown_pairs(outline, container, group, hits) if apart else []
    pairs = tuple(sorted((*group, *unknown), key=lambda pair: pair.begin))
    if apart and _left_over(outline, container, pairs) <= _LONGEST_REMAINDER:
        return Metadata(pairs, container, frozenset((container,)))
    elements = {_line_element(pair.label_element) for pair in pairs}
    elements |= {pair.value_element for pair in pairs if pair.value_element is not None}
    return Metadata(pairs, container, frozenset(elements - {container}))


def _left_over(outline: Outline, container: etree._Element, pairs: tuple[Pair, ...]) -> int:
    """How many characters of the container belong to no pair."""
    at, end = outline.span(container)
    left = 0
    for pair in pairs:
        left += len(outline.tidy(at, pair.begin)) if at < pair.begin else 0
        at = max(at, pair.end)
    return left + (len(outline.tidy(at, end)) if at < end else 0)


def _unknown_pairs(
    outline: Outline, container: etree._Element, group: list[Pair], hits: list[Hit]
) -> list[Pair]:
    """Labels of no known word that stand in the same block in the same way."""
    # Both in page order. Up to each pair, the furthest end of any so far.
    taken = [hit.begin for hit in hits]
    begins = [pair.begin for pair in group]
    ends = list(accumulate((pair.end for pair in group), max))
    last = 0

    def free(begin: int, end: int) -> bool:
        before = bisect_left(begins, end)
        return begin >= last and (not before or ends[before - 1] <= begin)

    pairs = []
    for element in container.iter("td", "th", "dt", "li", "p", "div"):
        begin, end = outline.span(element)
        if not free(begin, end) or bisect_left(taken, begin) < bisect_left(taken, end):
            continue
        # What is longer is neither a cell with a label nor a line with one.
        text = outline.text_of(element) if outline.visible(element) <= _LONGEST_CELL else ""
        if not text:
            continue
        if element.tag in ("td", "th", "dt"):
            pair = _unknown_cell(outline, element, text)
        elif element.tag == "li" or group[0].begin < begin < group[-1].end:
            pair = _unknown_line(outline, element, text)
        else:
            pair = None
        if pair is not None and free(pair.begin, pair.end):
            pairs.append(pair)
            last = max(last, pair.end)
    return pairs


def _unknown_cell(outline: Outline, element: etree._Element, text: str) -> Pair | None:
    value = element.getnext()
    word = squeeze(text)
    if value is None or value.tag not in _LAYOUTS or not _UNKNOWN_CELL.fullmatch(word):
        return None
    begin, end = outline.span(element)[0], outline.span(value)[1]
    return Pair(word.rstrip(":："), outline.text_of(value), begin, end, element, value)


def _unknown_line(outline: Outline, element: etree._Element, text: str) -> Pair | None:
    line = _UNKNOWN_LINE.fullmatch(text)
    if line is None or len(text) > _LONGEST_CELL:
        return None
    return Pair(line[1], line[2].strip(), *outline.span(element), element)


def _line_element(element: etree._Element) -> etree._Element:
    """The block element in whose line `element` stands."""
    return next((around for around in _outwards(element) if around.tag in BLOCK_TAGS), element)


def _around_all(elements: list[etree._Element]) -> etree._Element:
    """The innermost element that holds all of `elements`, and is not one of their lines."""
    return _whole_table(reduce(_common, map(_line_element, elements)))


def _common(one: etree._Element, other: etree._Element) -> etree._Element:
    """The innermost element that holds both."""
    around = set(_outwards(one))
    return next(element for element in _outwards(other) if element in around)


def _whole_table(element: etree._Element) -> etree._Element:
    """The table around rows of one; any other element itself."""
    if element.tag not in ("tr", "tbody", "thead"):
        return element
    return next((table for table in _outwards(element) if table.tag == "table"), element)


def _outwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()
