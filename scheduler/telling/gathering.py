"""What a rule has to tell of the runs that have ended since it told the last time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from archive.catalogue import Catalogue
from archive.errors import AmbiguousError, NotFoundError
from archive.law.conflicts.conflict import Conflict
from archive.law.watching import Watching
from archive.questions.news import News
from archive.readings import Readers
from archive.settings import WatchList
from archive.telling.wording import Row
from scheduler.telling.contradictions import ConflictsTold, new_conflicts
from scheduler.telling.endings import Ending, EndingsTold, new_endings
from scheduler.telling.filters import Filter
from scheduler.telling.settings import Rule
from scheduler.telling.troubles import RunTold, Troubles, judge
from scheduler.telling.whole_texts import WholeTexts

if TYPE_CHECKING:
    from archive.across.library import Library

NAMED = 20
"""Documents that one message names, at most; where very many have changed the rest is counted."""


class Told(Protocol):
    """What a target has been told of that is told of once; it is kept up to date."""

    troubles: Troubles
    conflicts: ConflictsTold
    endings: EndingsTold


@dataclass(slots=True)
class Gathered:
    """The changes and the runs of one message. Of the changes only those that it names are held."""

    documents: dict[int, list[Row]] = field(default_factory=dict)
    """The changes of each of the first documents, by the document's id."""
    seen: set[int] = field(default_factory=set)
    """The ids of all documents that have changed."""
    kinds: Counter[str] = field(default_factory=Counter)
    portals: set[str] = field(default_factory=set)
    runs_of_changes: set[int] = field(default_factory=set)
    since: str | None = None
    """When the first of the changes was recorded."""
    runs: list[RunTold] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many changes there are."""
        return self.kinds.total()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.runs or self.conflicts or self.endings)

    def add(self, news: News) -> None:
        """One more change to tell of."""
        row = news.row
        self.seen.add(news.document)
        self.kinds[row["kind"]] += 1
        self.portals.add(row["portal"])
        self.runs_of_changes.add(row["run"])
        self.since = min(self.since or row["at"], row["at"])
        if news.document in self.documents or len(self.documents) < NAMED:
            self.documents.setdefault(news.document, []).append(row)


def gather(
    rule: Rule,
    runs: Iterable[Row],
    catalogue: Catalogue | Library,
    readers: Readers,
    told: Told,
    lists: Mapping[str, WatchList],
    at_ms: int,
) -> Gathered:
    """What the rule has to tell at a moment, of these runs, which have ended, and of what follows.

    `told` is what its target has been told. `lists` are those that rules can name.
    """
    found = Gathered()
    watched: tuple[Watching, ...] | None = None
    if rule.watch is not None:
        watched = tuple(catalogue.watch(lists[name]) for name in rule.watch)
    documents, whole = _documents(rule, catalogue), WholeTexts(catalogue, readers)
    wanted = Filter(rule, documents, whole, watched)
    if rule.conflicts is not None or rule.expiries is not None:
        follows = catalogue.conclusions(at_ms=at_ms)
        if rule.conflicts is not None:
            found.conflicts = new_conflicts(rule, follows.conflicts(), told.conflicts, watched)
        if rule.expiries is not None:
            ahead, today = follows.calendar(), follows.today
            found.endings = new_endings(rule, ahead, told.endings, watched, today)
    for run in runs:
        if rule.portals is not None and run["portal"] not in rule.portals:
            continue
        if rule.tells_changes:
            for news in catalogue.news(run["id"], baseline=rule.baseline):
                if wanted.accepts(news):
                    found.add(news)
        if rule.runs is not None and (one := judge(run, rule.runs, told.troubles)) is not None:
            found.runs.append(one)
    return found


def _documents(rule: Rule, catalogue: Catalogue | Library) -> frozenset[int] | None:
    """The documents that the rule names; one that is not in the archive yet is nobody's."""
    if rule.documents is None:
        return None
    ids = set[int]()
    for index in rule.documents:
        try:
            ids.add(catalogue.find(index))
        except AmbiguousError as error:
            # Whoever names a number that means several wants to hear of each.
            ids.update(catalogue.find(url) for url, _ in error.candidates if url)
        except NotFoundError:
            continue
    return frozenset(ids)
