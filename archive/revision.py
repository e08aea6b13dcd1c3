"""The comparison of two versions of one document, as `diff` shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.comparison import Attachment, Difference, Kind, State, compare
from archive.diff import LineChange, diff_texts

if TYPE_CHECKING:
    from archive.attachments.comparison import AttachmentComparison
    from archive.law.comparison.alignment import ArticleChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two states compared: `fields` and `attachments` are what differs, `text` every line of both
    texts.
    """

    fields: tuple[Difference, ...]
    attachments: tuple[Difference, ...]
    text: tuple[LineChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two do not differ at all."""
        changed = any(line.op != "equal" for line in self.text)
        return not (self.fields or self.attachments or changed)

    def as_json(self) -> dict[str, object]:
        """Its part of the JSON of `diff`."""
        return {
            "fields": [
                {"field": one.field, "before": one.before, "after": one.after}
                for one in self.fields
            ],
            "attachments": [
                {
                    "op": _op(one),
                    "name": one.field,
                    "before": one.before,
                    "after": one.after,
                }
                for one in self.attachments
            ],
            "text": [_line_as_json(line) for line in self.text],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What changed from version `before` to version `after` of a document."""

    index_number: str | None
    title: str
    url: str
    before: int
    after: int
    before_at: str
    after_at: str
    states: tuple[State, State]
    comparison: Comparison
    attachment_texts: tuple[AttachmentComparison, ...] = ()

    def articles(self) -> list[ArticleChange]:
        """The two texts compared article by article."""
        # Here, since no comparison by lines needs it.
        from archive.law.comparison.alignment import compare_articles

        before, after = self.states
        return compare_articles(before.text, after.text)

    def as_json(self, *, by_article: bool = False) -> dict[str, object]:
        """The JSON of the `diff` command; with `by_article`, that of `diff --by article`."""
        told = self._as_json(by_article=by_article)
        if by_article:
            told["articles"] = [one.as_json() for one in self.articles()]
        return told

    def _as_json(self, *, by_article: bool) -> dict[str, object]:
        return {
            "index_number": self.index_number,
            "from": self.before,
            "to": self.after,
            **self.comparison.as_json(),
            "attachment_texts": [
                {
                    "name": one.name,
                    "before": one.before.as_json(),
                    "after": one.after.as_json(),
                    "text": [_line_as_json(line) for line in one.text],
                    **(_articles_of(one) if by_article else {}),
                }
                for one in self.attachment_texts
            ],
        }


def _articles_of(one: AttachmentComparison) -> dict[str, object]:
    changes = one.articles()
    return {} if changes is None else {"articles": [row.as_json() for row in changes]}


Compare = Callable[[State, State], Comparison]
"""How two states are compared."""


def compare_states(before: State, after: State) -> Comparison:
    """Fields, attachments and text of two states, compared."""
    differences = compare(before, after)
    return Comparison(
        fields=tuple(one for one in differences if one.kind not in (Kind.ATTACHMENT, Kind.CONTENT)),
        attachments=tuple(one for one in differences if one.kind is Kind.ATTACHMENT),
        text=tuple(diff_texts(before.text, after.text)),
    )


def _op(difference: Difference) -> str:
    if difference.before is None:
        return "insert"
    return "delete" if difference.after is None else "replace"


def _line_as_json(line: LineChange) -> dict[str, object]:
    value: dict[str, object] = {"op": line.op, "before": line.before, "after": line.after}
    if line.op == "replace":
        value["spans"] = [
            {"op": span.op, "before": span.before, "after": span.after} for span in line.spans
        ]
    return value


def attachment_as_json(one: Attachment) -> dict[str, object]:
    """An attachment in the JSON of `show`."""
    return {
        "name": one.name,
        "url": one.url,
        "media_type": one.media_type or None,
        "bytes": one.size,
        "sha256": one.sha256,
    }
