"""What differs between two states of a document: pure (R6, R8).

A state is what one location showed: its fields, its text, its attachments. Nothing else is the
document, so nothing else is looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from archive.diff import diff_texts
from archive.fields import FIELD_NAMES, Fields
from archive.whitespace import text_key, without_space

# The ledger says what changed in words that a person can act on; the whole comparison is derived
# from the versions whenever it is asked for.
_EXCERPT = 2000
# Follows from validity_label, so it is no field of its own when looking for changes.
_DERIVED = "validity"
_OF_VALIDITY = frozenset({"validity_label", "repealed_on"})


class Kind(StrEnum):
    """Every kind of change and event (R8)."""

    CREATED = "created"
    CONTENT = "content"
    VALIDITY = "validity"
    METADATA = "metadata"
    ATTACHMENT = "attachment"
    RENUMBERED = "renumbered"
    RELOCATED = "relocated"
    DIVERGENCE = "divergence"
    COLLISION = "collision"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment in a state; `sha256` is None while its bytes are not held."""

    name: str
    url: str
    sha256: str | None
    size: int | None = None
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What one location showed of a document."""

    fields: Fields
    text: str
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One change between two states, as the ledger will say it."""

    kind: Kind
    field: str | None
    before: str | None
    after: str | None


def compare(before: State, after: State) -> list[Difference]:
    """Every difference between two states, in the order of the design's table of fields."""
    return [
        *_compare_fields(before.fields, after.fields),
        *_compare_texts(before.text, after.text),
        *_compare_attachments(before.attachments, after.attachments),
    ]


def not_yet_known(
    differences: Sequence[Difference], current: State, after: State
) -> list[Difference]:
    """Those of a location's differences that the document has not taken from another location.

    Two copies amended on one day are one amendment: the second one to be seen says nothing new.
    """
    still_new = {(one.kind, one.field) for one in compare(current, after)}
    # Bytes that the document does not hold are not known from anywhere, though comparison, which
    # takes what was not fetched for unchanged, sees no difference.
    held = {file for one in current.attachments for file in (one.sha256, one.url)}
    return [
        one
        for one in differences
        if (one.kind, one.field) in still_new
        or (one.kind is Kind.ATTACHMENT and one.after is not None and one.after not in held)
    ]


def same_document_state(one: State, other: State) -> bool:
    """Whether two locations show the same (R7); how far a number is filled in does not count."""
    return all(difference.kind is Kind.RENUMBERED for difference in compare(one, other))


def with_known_bytes(
    new: Sequence[Attachment], old: Sequence[Attachment]
) -> tuple[Attachment, ...]:
    """Attachments that could not be fetched this time keep the bytes they had (R6)."""
    known = {right: old[left] for left, right in _paired(old, new)}
    return tuple(
        replace(one, sha256=was.sha256, size=was.size, media_type=was.media_type)
        if one.sha256 is None and (was := known.get(place)) is not None
        else one
        for place, one in enumerate(new)
    )


def _compare_fields(before: Fields, after: Fields) -> Iterator[Difference]:
    for name in FIELD_NAMES:
        if name == _DERIVED:
            continue
        old, new = getattr(before, name), getattr(after, name)
        if without_space(old) == without_space(new):
            continue
        if name == "index_number":
            kind = Kind.RENUMBERED
        else:
            kind = Kind.VALIDITY if name in _OF_VALIDITY else Kind.METADATA
        yield Difference(kind, name, old, new)


def _compare_texts(before: str, after: str) -> Iterator[Difference]:
    if text_key(before) == text_key(after):
        return
    changed = [line for line in diff_texts(before, after) if line.op != "equal"]
    yield Difference(
        Kind.CONTENT,
        None,
        _excerpt([line.before for line in changed if line.before is not None]),
        _excerpt([line.after for line in changed if line.after is not None]),
    )


def _excerpt(lines: Sequence[str]) -> str | None:
    text = "\n".join(lines)
    if len(text) > _EXCERPT:
        text = text[: _EXCERPT - 1] + "…"
    return text or None


def _compare_attachments(
    before: Sequence[Attachment], after: Sequence[Attachment]
) -> Iterator[Difference]:
    pairs = dict(_paired(before, after))
    for place, old in enumerate(before):
        if place not in pairs:
            yield Difference(Kind.ATTACHMENT, old.name, old.sha256 or old.url, None)
    before_of = {right: before[left] for left, right in pairs.items()}
    for place, new in enumerate(after):
        known = before_of.get(place)
        if known is None:
            yield Difference(Kind.ATTACHMENT, new.name, None, new.sha256 or new.url)
        elif known.sha256 and new.sha256 and known.sha256 != new.sha256:
            yield Difference(Kind.ATTACHMENT, new.name, known.sha256, new.sha256)


def _paired(before: Sequence[Attachment], after: Sequence[Attachment]) -> list[tuple[int, int]]:
    """Which attachment is which, as places in both: by address, else by bytes, else by name.

    A file that was moved is the same file; one put under a new address by the same name is a
    revision of it.
    """
    pairs: list[tuple[int, int]] = []
    old, new = dict(enumerate(before)), dict(enumerate(after))
    for identity in (_address, _bytes, _name):
        places: dict[str, list[int]] = {}
        for place, one in old.items():
            if (key := identity(one)) is not None:
                places.setdefault(key, []).append(place)
        for place, one in list(new.items()):
            key = identity(one)
            if key is not None and places.get(key):
                left = places[key].pop(0)
                pairs.append((left, place))
                del old[left], new[place]
    return pairs


def _address(one: Attachment) -> str | None:
    return one.url


def _bytes(one: Attachment) -> str | None:
    return one.sha256


def _name(one: Attachment) -> str | None:
    return without_space(one.name)
