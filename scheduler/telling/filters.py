"""Whether a rule is about a change: pure.

All filters that a rule gives have to be met, and one of the words or names of each is enough. Words
are compared as `search` does: width, case and kinds of brackets make no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from archive.law.watching import Watching
from archive.questions.news import News
from archive.search.folding import fold
from archive.telling.wording import Row
from scheduler.telling.settings import Rule, WordFilter

Texts = tuple[str | None, str | None]
Whole = Callable[[Row], Texts]


@dataclass(frozen=True, slots=True)
class Filter:
    """A rule's filters, ready to be asked.

    `documents` are the ids of the documents that the rule names, as far as the archive has them;
    None for all. `lists` are the lists that it names, one of which has to have the change; None for
    any change. `whole` gives what a change's text was and is, where the ledger's excerpt is not
    the whole of it.
    """

    rule: Rule
    documents: frozenset[int] | None
    whole: Whole
    lists: tuple[Watching, ...] | None = None

    def accepts(self, news: News) -> bool:
        """Whether the rule tells of this change."""
        rule, row = self.rule, news.row
        return (
            (rule.portals is None or row["portal"] in rule.portals)
            and (rule.baseline or not row["baseline"])
            and (rule.kinds is None or row["kind"] in rule.kinds)
            and (rule.fields is None or row["field"] in rule.fields)
            and (self.documents is None or news.document in self.documents)
            and self._validity(news)
            and self._agency(news)
            and (rule.words is None or self._words(rule.words, row))
            and (self.lists is None or any(one.has_change(row) for one in self.lists))
        )

    def _validity(self, news: News) -> bool:
        wanted = self.rule.validity
        return wanted is None or (
            (wanted.before is None or news.validity_before in wanted.before)
            and (wanted.after is None or news.validity_after in wanted.after)
        )

    def _agency(self, news: News) -> bool:
        # Before as well: a document that passes to another agency concerns the one that had it.
        known = (news.agency_before, news.row["issuing_agency"])
        return self.rule.agencies is None or stand_in(self.rule.agencies, known)

    def _words(self, words: WordFilter, row: Row) -> bool:
        if words.title is not None and not stand_in(words.title, [row["title"]]):
            return False
        if not any((words.before, words.after, words.anywhere)):
            return True
        before, after = self.whole(row)
        places = (
            (words.before, [before]),
            (words.after, [after]),
            (words.anywhere, [row["title"], before, after]),
        )
        return all(wanted is None or stand_in(wanted, texts) for wanted, texts in places)


def stand_in(words: Iterable[str], texts: Iterable[str | None]) -> bool:
    """Whether one of the words stands in one of the texts."""
    folded = [_spelling(text) for text in texts if text]
    return any(_spelling(word) in text for word in words for text in folded)


def _spelling(text: str) -> str:
    """As `search` folds it; where lines break and words are spaced says nothing in Chinese."""
    return fold(text).replace(" ", "")
