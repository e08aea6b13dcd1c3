"""Two versions of a document compared: side by side, in one column, or by articles."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from archive.attachments.comparison import AttachmentComparison
from archive.errors import ConfigurationError
from archive.law.comparison.alignment import ArticleChange, ArticleOp
from archive.law.tables.files import ENDINGS
from archive.room.comparing import BY
from archive.room.views.alignment import Stretch, stretches
from archive.room.views.articles import Passage, counts, passages
from archive.room.visit import Visit

VIEWS = ("two", "one")


class _File(NamedTuple):
    """An attachment that was replaced, laid out by articles if it has them, else by lines."""

    told: AttachmentComparison
    counts: list[tuple[ArticleOp, int]]
    passages: list[Passage]
    stretches: list[Stretch]


def _laid_out(file: AttachmentComparison, changes: list[ArticleChange] | None) -> _File:
    if changes is None:
        return _File(file, [], [], stretches(file.text))
    return _File(file, counts(changes), passages(changes), [])


def compare(visit: Visit) -> Response:
    """The page."""
    before, after = visit.place("before"), visit.place("after")
    view = visit.given("view") or VIEWS[0]
    if view not in VIEWS:
        raise ConfigurationError(f"view is one of {', '.join(VIEWS)}")
    by = visit.given("by") or BY[0]
    if by not in BY:
        raise ConfigurationError(f"by is one of {', '.join(BY)}")
    document_id = visit.place("id")
    revision = visit.revision(document_id, before, after)
    changes = visit.articles(revision) if by == "article" else []
    inside = (
        visit.file_articles(revision)
        if by == "article"
        else [None] * len(revision.attachment_texts)
    )
    laid_out = passages(changes) if by == "article" else stretches(revision.comparison.text)
    # Of what turned out to be another document, the versions stay where they were recorded.
    is_own = visit.catalogue.find(document_id) == document_id
    last = visit.catalogue.history(document_id)["versions"][-1]["version"] if is_own else after
    chosen: dict[str, object] = {"by": visit.given("by"), "view": visit.given("view")}
    return visit.page(
        "compare.html",
        id=document_id,
        revision=revision,
        comparison=revision.comparison,
        by=by,
        counts=counts(changes),
        endings=ENDINGS,
        stretches=laid_out,
        files=[*map(_laid_out, revision.attachment_texts, inside)],
        differences=sum(one.number is not None for one in laid_out),
        view=view,
        stated_title=revision.title or revision.url,
        earlier=visit.url("compare", chosen, id=document_id, before=before - 1, after=before)
        if 1 < before < after
        else None,
        later=visit.url("compare", chosen, id=document_id, before=after, after=after + 1)
        if before < after < last
        else None,
    )
