"""What can happen to a document between two epochs, and what its readers should then be told.

Every edit changes the portal's state (`apply`) and declares, in the words of the ledger, the
changes that a watcher must report for it (`told`): no more, and no fewer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from crawler.replica.documents import (
    Attachment,
    Block,
    Cell,
    Document,
    Location,
    Table,
    documents,
)


@dataclass(frozen=True, slots=True)
class State:
    """What the portal publishes at one moment: documents by key, and addresses that lead on."""

    documents: Mapping[str, Document] = field(default_factory=dict)
    redirects: Mapping[Location, Location] = field(default_factory=dict)

    def with_document(self, document: Document) -> State:
        """The state with this document in the place of its former self, or new."""
        return replace(self, documents={**self.documents, document.key: document})


@dataclass(frozen=True, slots=True)
class Told:
    """One change that is to be reported; a `Location` stands for its full address."""

    document: Document
    location: Location
    kind: str
    field: str | None = None
    before: str | Location | None = None
    after: str | Location | None = None


class Edit(Protocol):
    """Something that happens to one document."""

    def apply(self, state: State) -> State:
        """The state after it."""

    def told(self, state: State) -> Iterator[Told]:
        """What is to be reported, given the state at the end of the epoch."""


@dataclass(frozen=True, slots=True)
class Publish:
    """A new document appears, at all its locations at once.

    `number_of` is the key of another document whose complete number it bears by mistake.
    """

    key: str
    number_of: str | None = None

    def apply(self, state: State) -> State:
        return state.with_document(documents()[self.key])

    def told(self, state: State) -> Iterator[Told]:
        document = state.documents[self.key]
        first, *further = document.locations
        yield Told(document, first, "created")
        for location in further:
            yield Told(document, location, "relocated", after=location)
        if self.number_of is not None:
            known = state.documents[self.number_of].locations[0]
            yield Told(document, first, "collision", before=known, after=first)


_ATTRIBUTES = {
    "title": "title",
    "index_number": "index_number",
    "document_number": "document_number",
    "category": "category",
    "repealed_on": "repealed",
    "validity_label": "validity",
}
_KINDS = {
    "index_number": "renumbered",
    "repealed_on": "validity",
    "validity_label": "validity",
}


@dataclass(frozen=True, slots=True)
class Restate:
    """A field of the metadata changes. `before` and `after` are its values, None for none."""

    key: str
    field: str
    before: str | None
    after: str

    def apply(self, state: State) -> State:
        changed: dict[str, Any] = {_ATTRIBUTES[self.field]: self.after}
        return state.with_document(replace(state.documents[self.key], **changed))

    def told(self, state: State) -> Iterator[Told]:
        document = state.documents[self.key]
        kind = _KINDS.get(self.field, "metadata")
        yield Told(document, document.locations[0], kind, self.field, self.before, self.after)


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph replaced, deleted (`after` None) or inserted (`before` None) below another."""

    before: str | None
    after: str | None
    below: str | None = None

    def apply(self, body: tuple[Block, ...]) -> tuple[Block, ...]:
        """The body after it; ValueError if the paragraph is not there."""
        place = body.index(self.before or self.below or "")
        kept = body[: place + 1] if self.before is None else body[:place]
        return kept + ((self.after,) if self.after is not None else ()) + body[place + 1 :]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Paragraphs change; one change of the content, however many they are."""

    key: str
    lines: tuple[Line, ...]

    def apply(self, state: State) -> State:
        document = state.documents[self.key]
        body = document.body
        for line in self.lines:
            body = line.apply(body)
        return state.with_document(replace(document, body=body))

    def told(self, state: State) -> Iterator[Told]:
        document = state.documents[self.key]
        before = "\n".join(line.before for line in self.lines if line.before is not None)
        after = "\n".join(line.after for line in self.lines if line.after is not None)
        yield Told(document, document.locations[0], "content", None, before or None, after or None)


@dataclass(frozen=True, slots=True)
class Recell:
    """A row of a table without merged cells changes; rows are given with tabs between cells."""

    key: str
    before: str
    after: str

    def apply(self, state: State) -> State:
        document = state.documents[self.key]
        old, new = (
            tuple(Cell(text) for text in row.split("\t")) for row in (self.before, self.after)
        )

        def edited(block: Block) -> Block:
            if not isinstance(block, Table):
                return block
            return Table(tuple(new if row == old else row for row in block.rows))

        return state.with_document(_with_body(document, edited))

    def told(self, state: State) -> Iterator[Told]:
        document = state.documents[self.key]
        yield Told(document, document.locations[0], "content", None, self.before, self.after)


@dataclass(frozen=True, slots=True)
class Refile:
    """A file is replaced by another one under the same address and name, at this moment."""

    key: str
    name: str
    lines: tuple[str, ...]
    at: str

    def apply(self, state: State) -> State:
        def edited(block: Block) -> Block:
            if isinstance(block, Attachment) and block.name == self.name:
                return replace(block, lines=self.lines, replaced_at=self.at)
            return block

        return state.with_document(_with_body(state.documents[self.key], edited))

    def told(self, state: State) -> Iterator[Told]:
        document = state.documents[self.key]
        before, after = (
            _digest(attachment)
            for version in (documents()[self.key], document)
            for attachment in version.attachments
            if attachment.name == self.name
        )
        yield Told(document, document.locations[0], "attachment", self.name, before, after)


@dataclass(frozen=True, slots=True)
class Attach:
    """A file is added below the text: a new attachment, and a new line that names it."""

    key: str
    attachment: Attachment

    def apply(self, state: State) -> State:
        document = state.documents[self.key]
        return state.with_document(replace(document, body=(*document.body, self.attachment)))

    def told(self, state: State) -> Iterator[Told]:
        document = state.documents[self.key]
        name = self.attachment.name
        yield Told(document, document.locations[0], "content", after=name)
        yield Told(
            document, document.locations[0], "attachment", name, after=_digest(self.attachment)
        )


@dataclass(frozen=True, slots=True)
class AppearAt:
    """A document is published at a further location."""

    key: str
    location: Location

    def apply(self, state: State) -> State:
        document = state.documents[self.key]
        locations = (*document.locations, self.location)
        return state.with_document(replace(document, locations=locations))

    def told(self, state: State) -> Iterator[Told]:
        yield Told(state.documents[self.key], self.location, "relocated", after=self.location)


@dataclass(frozen=True, slots=True)
class Move:
    """A document moves to another article id in its column; its old address leads there."""

    key: str
    article: str

    def apply(self, state: State) -> State:
        document = state.documents[self.key]
        old = document.locations[0]
        new = replace(old, article=self.article)
        moved = state.with_document(replace(document, locations=(new, *document.locations[1:])))
        return replace(moved, redirects={**state.redirects, old: new})

    def told(self, state: State) -> Iterator[Told]:
        document = state.documents[self.key]
        location = document.locations[0]
        yield Told(document, location, "relocated", after=location)


@dataclass(frozen=True, slots=True)
class Remove:
    """A document's pages are gone. A first such answer says nothing yet."""

    key: str

    def apply(self, state: State) -> State:
        left = {key: kept for key, kept in state.documents.items() if key != self.key}
        return replace(state, documents=left)

    def told(self, state: State) -> Iterator[Told]:  # noqa: ARG002
        yield from ()


@dataclass(frozen=True, slots=True)
class StayAway:
    """A removed document is still gone when it is asked for again: now it is withdrawn."""

    key: str

    def apply(self, state: State) -> State:
        return state

    def told(self, state: State) -> Iterator[Told]:  # noqa: ARG002
        document = documents()[self.key]
        yield Told(document, document.locations[0], "withdrawn")


def _with_body(document: Document, edited: Callable[[Block], Block]) -> Document:
    return replace(document, body=tuple(edited(block) for block in document.body))


def _digest(attachment: Attachment) -> str:
    return hashlib.sha256(attachment.content).hexdigest()
