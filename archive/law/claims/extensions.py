"""What a sentence claims of how much longer a document is in force: 有效期延长两年, 延长至….

A day is the new last day. A span is added to the end that the document had, which its own text or
an earlier extension names; what it comes to is known only where all texts are held together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from archive.law.claims.claim import Claim, ClaimKind, Place
from archive.law.claims.doing import is_not_so, is_planned
from archive.law.claims.objects import COUNTED, Object, Words, claims_about
from archive.law.claims.sentences import Sentence
from archive.law.words.dates import DATE, SPAN, read_days, read_period
from archive.law.words.mentions import MENTION, read_line

_PLAIN_DATE = re.sub(r"\?P<\w+>", "?:", DATE)
_PLAIN_SPAN = re.sub(r"\?P<\w+>", "?:", SPAN)
_ACT = "有效|执行|施行|实施|试行|适用"
_TERM = rf"(?:{_ACT}|政策)(?:期|期限|时间|时限)(?:限)?"
_LONGER = "延长|延续|顺延|续延|延期|延"
_MANNER = "(?:统一|均|再|予以|相应|自动|依次|一律|继续)*"
_WHEN_OVER = (
    r"(?:[自从于在]?(?:有效期)?(?:届满|期满|到期)(?:之?[次当]?日|之?后|时)?(?:起|开始)?，?)?"
)
_FIRST = rf"(?:[自从]\s*(?P<first>{_PLAIN_DATE})(?:之日)?(?:起|开始)?，?)?"
_HOW_LONG = (
    rf"(?:(?:至|到)\s*(?P<date>{_PLAIN_DATE})"
    rf"|(?:了|为)?\s*(?P<span>{_PLAIN_SPAN})(?=$|[，。；：、（）！\s至到]))"
)
_EXTENDED = (
    rf"(?:{_TERM}(?:的)?{_WHEN_OVER}(?:由(?:原)?(?:来的?)?\s*{_PLAIN_DATE})?{_FIRST}{_MANNER}(?:{_LONGER})(?:期限)?"
    rf"|(?:有效期)?{_WHEN_OVER}{_MANNER}(?:{_LONGER}|继续)(?:{_ACT})(?:期限)?)\s*{_HOW_LONG}"
)
_STAYS = rf"(?:继续|延续|接续)(?:{_ACT})(?:，|、|并|且|\s)*"
_OF_TITLES = re.compile(
    rf"{MENTION}{COUNTED}(?:的)?(?:，|\s)*(?:{_STAYS})?(?:将|其|的)*{_EXTENDED}"
)
_STAYS_UNTIL = re.compile(
    rf"{MENTION}{COUNTED}(?:，|\s)*{_STAYS}{_TERM}(?:截止|截至|为)*(?:至|到)\s*(?P<date>{_PLAIN_DATE})"
)
# 延长《…》有效期至…
_TERM_OF_TITLES = re.compile(rf"{MENTION}{COUNTED}(?:的)?{_TERM}\s*{_HOW_LONG}")
_VERB_BEFORE = re.compile(rf"(?:{_LONGER})[^，；：\ue000]{{0,20}}$")
# 《…》将于…到期，现决定将其有效期延长…
_OF_ONE_BEFORE = re.compile(
    rf"(?:^|[，；])(?:现|经[^，；\ue000]{{1,20}}，|决定|同意|并|故|特|将|对)*"
    rf"(?:其|该[\u4e00-\u9fff]{{0,6}}?)?(?:的)?{_EXTENDED}"
)
# 《…》将于…到期，决定延续实施，有效期至…
_STAYS_OF_ONE_BEFORE = re.compile(
    rf"(?:^|[，；])(?:现|经[^，；\ue000]{{1,20}}，|决定|同意|并|故|特|将|对)*(?:其|该[\u4e00-\u9fff]{{0,6}}?)?"
    rf"{_STAYS}{_TERM}(?:截止|截至|为)*(?:至|到)\s*(?P<date>{_PLAIN_DATE})"
)
_ANY = re.compile(_EXTENDED)
_TITLED = re.compile(
    rf"关于[^《》]{{0,12}}?(?:{_LONGER}|继续(?:{_ACT})).*?《"
    rf"|《.*》[^《》]*(?:{_LONGER})[^《》]*的?(?:通知|公告|通告|决定|批复|函)$"
)
_TO_DAY = re.compile(
    rf"[，（、]?即?(?:有效期限?|期限)?(?:{_LONGER})?(?:[自从]?\s*{_PLAIN_DATE}起?)?"
    rf"(?:至|到|截至|截止到?|—+|-)\s*(?P<date>{_PLAIN_DATE})"
)
_FROM_DAY = re.compile(rf"[，（]?[自从]\s*(?P<first>{_PLAIN_DATE})(?:之日)?(?:起|开始)")


LASTING = frozenset({ClaimKind.EFFECTIVE_UNTIL, ClaimKind.EXTENDS})
"""The kinds of what is claimed by an extension."""
OWN = re.compile(rf"(?:的)?{_EXTENDED}")
"""A pattern for what a text says of itself after its subject: 本办法有效期延长两年."""


class Extension(NamedTuple):
    """How much longer: until `last`, or for `period`, counted from `first` where that is said."""

    last: date | None
    first: date | None
    period: str | None

    @property
    def kind(self) -> ClaimKind:
        """What is claimed by it."""
        return ClaimKind.EXTENDS if self.last is None else ClaimKind.EFFECTIVE_UNTIL

    @property
    def day(self) -> date | None:
        """The day that goes with the kind."""
        return self.last or self.first


def extension_in(words: str) -> Extension | None:
    """How much longer all that is listed below `words` is in force, if these say so."""
    match = _ANY.search(words)
    return None if match is None or is_not_so(words[: match.start()]) else read(match)


def extensions(sentence: Sentence, words: Words) -> Iterator[Claim]:
    """What a sentence claims of how much longer other documents are in force."""
    told = False
    for pattern in (_OF_TITLES, _STAYS_UNTIL, _TERM_OF_TITLES):
        for match in pattern.finditer(words.plain):
            last = words.last_before(match.start() + 1)
            if last is None or is_not_so(words.back_from(match.start())):
                continue
            before = words.before_list(last)
            if pattern is _TERM_OF_TITLES and not _VERB_BEFORE.search(before):
                continue
            if not is_planned(before):
                told = True
                yield from _claims(sentence, words.list_to(last), read(match))
    if told:
        return
    found = [*_OF_ONE_BEFORE.finditer(words.plain), *_STAYS_OF_ONE_BEFORE.finditer(words.plain)]
    for match in found:
        last = words.last_before(match.start())
        if last is not None and words.gap(last, match.start()) is not None:
            yield from _claims(sentence, words.list_to(last), read(match))


def extensions_of_title(title: str, sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """What sentences that name nobody claim of those whom the title names.

    Of 关于延长《…》有效期的通知, the one that says 现决定将有效期延长两年.
    """
    if not _TITLED.search(title):
        return
    named = [one for one in read_line(title).mentions if one.title is not None]
    for sentence in sentences:
        match = _OF_ONE_BEFORE.search(sentence.covered)
        extension = None if match is None else read(match)
        if extension is None:
            continue
        for one in named:
            yield Claim(
                kind=extension.kind,
                title=one.title,
                number=one.number,
                effective_on=extension.day.isoformat() if extension.day else None,
                period=extension.period,
                quote=sentence.text,
                place=Place(sentence.paragraph, sentence.start, sentence.end),
            )
        return


def _claims(
    sentence: Sentence, objects: list[Object], extension: Extension | None
) -> Iterator[Claim]:
    if extension is not None:
        for one in objects:
            yield from claims_about(extension.kind, sentence, one, extension.day, extension.period)


def read(match: re.Match[str]) -> Extension | None:
    """What a match of a pattern says; None where it names no day or span that there is."""
    said = match.groupdict()
    if said["date"] is not None:
        return _until(said["date"])
    to_day = _TO_DAY.match(match.string, match.end())
    if to_day is not None:
        return _until(to_day["date"])
    period = read_period(said["span"])
    if period is None:
        return None
    first = said.get("first")
    if first is None and (from_day := _FROM_DAY.match(match.string, match.end())) is not None:
        first = from_day["first"]
    known = read_days(first) if first else None
    return Extension(None, known.first if known else None, period)


def _until(text: str) -> Extension | None:
    known = read_days(text)
    return None if known is None else Extension(known.last, None, None)
