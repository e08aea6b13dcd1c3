"""What a document claims about force, its own and that of others: text in, claims out.

Pure: the same text, fields and reader give the same claims. `READER` names the way of reading and
changes whenever other claims can come of the same text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from archive.fields import Fields
from archive.law.claims.claim import Claim, ClaimKind, Days, Place, days_of
from archive.law.claims.clean_up import Lists
from archive.law.claims.commencement import Speaker, own_claims
from archive.law.claims.endings import other_claims
from archive.law.claims.extensions import LASTING, extensions_of_title
from archive.law.claims.fates import Fate, day_of_all, fate_of
from archive.law.claims.sentences import Sentence, sentences
from archive.law.words.mentions import folded
from archive.law.words.spacing import Closed, closed_up
from archive.law.words.titles import number_key, title_key, title_keys

READER = "claims/3"

# Nothing else can make a claim: most pages of a portal are spared all the rest.
_WORTH_READING = re.compile(
    r"施行|实施|实行|执行|生效|试行|启用|有效|期限|废止|失效|撤销|作废|不再适用|修改|修订|修正|删去|删除|增加|改为|停止|延长"
)
_DRAFT = re.compile(
    r"征求意见稿|[（(](?:修订|修正)?草案|草案[）)]|送审稿|讨论稿|审议稿|公示稿|听证会|意见征集|意见征求|"
    r"关于(?:公开|再次)*(?:征求|征集|征询|听取)|"
    r"(?:征求|征集|征询|听取)[^，。]{0,60}(?:意见|建议)(?:的(?:公告|通知|通告|函|启事|公示))?$|"
    r"(?:拟|建议)(?:废止|修改|修订|宣布失效)"
)
_ABOUT_ANOTHER = re.compile(
    r"解读|图解|读懂|问答|[一二三四五六七八九十]问|答记者问|新闻发布会|宣传提纲|"
    r"(?:起草|编制|制定|政策|修改|修订|修正|废止|清理|情况)说明|的说明$|工作(?:总结|报告|动态|简报)"
)
_DRAFT_LINE = re.compile(
    r"[（(](?:征求意见稿|草案|送审稿|讨论稿|公开征求意见稿|修订草案)[^）)]{0,12}[）)]\s*$"
)
_IS_LIST = re.compile(r"(?:目录|清单|名录|一览表)$")
_HEAD_LINES = 8
_LONGEST_TITLE = 80
# An order 令 that goes by the name of nothing else says in its text what it does.
_CHANGES_OTHERS = re.compile(
    r"修改|修正|修订|废止|失效|清理|停止执行|取消|调整|^[^《》]*[^命指法]令(?:\W*第?[\d一二三四五六七八九十百]+号\W*)?$"
)
_DECISION = re.compile(
    r"关于.*(?:修改|修正|废止|失效|清理|停止执行|修订).*的?(?:决定|通知|公告|令|通告|结果)"
)


def read_claims(
    text: str, fields: Fields, attachments: Sequence[tuple[str, str]] = ()
) -> tuple[Claim, ...]:
    """Every claim of a document with this canonical text and these fields, in the text's order.

    `attachments` are the names and texts of its attachments, which belong to what it says. A draft
    and a page about another document claim nothing.
    """
    title = folded(fields.title)
    closed = closed_up(text)
    texts = [(None, closed), *((name, closed_up(one)) for name, one in attachments)]
    said = _CHANGES_OTHERS.search(title) or any(_WORTH_READING.search(one.text) for _, one in texts)
    if not said:
        return ()
    if _is_draft(title, closed.text) or _ABOUT_ANOTHER.search(_outside_titles(title)):
        return ()
    days = days_of(fields)
    amends = bool(_CHANGES_OTHERS.search(title))
    is_decision = bool(_DECISION.search(title))
    speaker = Speaker(
        _own_titles(fields.title),
        is_decision=is_decision,
        only_changes=is_decision and fate_of(_outside_titles(title)) is Fate.CHANGES,
    )
    parts = [
        _Part(name, one, tuple(sentences(one.text, quotes_run_on=amends)))
        for name, one in texts
        if not (name and _DRAFT.search(folded(name)))
    ]
    own = [
        [one for said in part.sentences for one in own_claims(said, speaker, days)]
        for part in parts
    ]
    force = _force([one for claims in own for one in claims], days)
    of_all = day_of_all(closed.text, days, force)
    found: list[Claim] = []
    for part, stated in zip(parts, own, strict=True):
        claims = [_counted_from(one, force) for one in stated]
        # 废止的规范性文件目录 says what becomes of what it lists, as the name of a file does.
        name = part.name or (title if _IS_LIST.search(title) else None)
        claims += _others(part, name, stated, days, force, of_all, speaker, amends=amends)
        if part.name is None and all(one.of_itself or one.kind not in LASTING for one in claims):
            claims += extensions_of_title(title, part.sentences)
        claims.sort(key=lambda one: (one.place.paragraph or 0, one.place.start))
        found += [_as_published(one, part) for one in claims]
    if amends and all(one.of_itself for one in found):
        found = _of_title(fields.title, force) + found
    return tuple(_distinct([one for one in found if not _is_itself(one, fields)]))


class _Part(NamedTuple):
    """The page's text, without a name, or that of an attachment."""

    name: str | None
    closed: Closed
    sentences: tuple[Sentence, ...]


def _is_draft(title: str, text: str) -> bool:
    if _DRAFT.search(title):
        return True
    head = [line.strip() for line in text.split("\n", _HEAD_LINES)[:_HEAD_LINES]]
    return any(len(line) <= _LONGEST_TITLE and _DRAFT_LINE.search(line) for line in head)


def _outside_titles(title: str) -> str:
    """A title without the titles in it: 解读 in the name of what is issued is not about it."""
    return re.sub(r"《[^》]*》", "", title)


def _own_titles(title: str) -> frozenset[str]:
    keys = title_keys(title)
    return frozenset(key for key in (keys.whole, keys.inner, keys.placeless) if key)


def _force(own: list[Claim], days: Days) -> date | None:
    """The day on which a text takes effect; one that does not say so does when it is published."""
    stated = [
        date.fromisoformat(one.effective_on)
        for one in own
        if one.kind is ClaimKind.EFFECTIVE_FROM and one.effective_on
    ]
    return stated[-1] if stated else days.of_publication


def _counted_from(claim: Claim, force: date | None) -> Claim:
    """A term with the day that it counts from, which another sentence may have said."""
    if claim.kind is not ClaimKind.TERM or claim.effective_on or force is None:
        return claim
    return replace(claim, effective_on=force.isoformat())


def _as_published(claim: Claim, part: _Part) -> Claim:
    """A claim with its words and place as they were published, in the attachment if in one."""
    paragraph, start, end, _ = claim.place
    if paragraph is None:
        return claim
    start, end = part.closed.as_it_was(paragraph, start, end)
    quote = claim.quote
    if paragraph in part.closed.places:
        quote = part.closed.original.split("\n")[paragraph][start:end]
    return replace(claim, quote=quote, place=Place(paragraph, start, end, part.name))


def _others(
    part: _Part,
    name: str | None,
    own: list[Claim],
    days: Days,
    force: date | None,
    of_all: date | None,
    speaker: Speaker,
    *,
    amends: bool,
) -> list[Claim]:
    """What is claimed of other documents, by sentences and by lists."""
    # In a sentence that says when the text takes effect, 同时 means that day.
    said = {
        (one.place.paragraph, one.place.start): date.fromisoformat(one.effective_on)
        for one in own
        if one.kind is ClaimKind.EFFECTIVE_FROM and one.effective_on
    }
    found: list[Claim] = []
    told: set[int] = set()
    for sentence in part.sentences:
        here = said.get((sentence.paragraph, sentence.start), force)
        claims = list(
            other_claims(sentence, days, here, own_titles=speaker.own_titles, amends=amends)
        )
        if claims:
            told.add(sentence.paragraph)
        found += claims
    lists = Lists(days, of_all, name, changes=speaker.only_changes)
    for paragraph, line in enumerate(part.closed.text.split("\n")):
        listed = list(lists.read(paragraph, line))
        if paragraph in told:
            # 1 关于…的通告 …〔2010〕3号 废止: as a sentence it names the number alone.
            fuller = {one.number for one in listed if one.title}
            bare = [
                one
                for one in found
                if (one.place.paragraph, one.title) == (paragraph, None) and one.number in fuller
            ]
            if not bare:
                continue
            found = [one for one in found if one not in bare]
        found += listed
    return found


_TITLE_ENDS = re.compile(
    r"关于(?:废止|停止执行|宣布失效|撤销)(?P<what>.+?)(?:的(?:决定|通知|公告|通告|令))$"
)
_TITLE_CHANGES = re.compile(r"关于(?:修改|修订|修正)(?P<what>.+?)(?:的(?:决定|通知|公告|通告|令))$")


def _of_title(title: str, force: date | None) -> list[Claim]:
    """What the title alone claims, where the text names nobody: 关于废止《…》的通知."""
    found = []
    for kind, pattern in (
        (ClaimKind.REPEALS, _TITLE_ENDS),
        (ClaimKind.AMENDS, _TITLE_CHANGES),
    ):
        match = pattern.search(title)
        if match is None:
            continue
        found += [
            Claim(
                kind=kind,
                title=one["name"],
                effective_on=force.isoformat() if force else None,
                quote=title,
                place=Place(None, 0, len(title)),
            )
            for one in re.finditer(r"《(?P<name>(?:[^《》]|《[^》]*》)+)》", match["what"])
        ]
    return found


def _is_itself(claim: Claim, fields: Fields) -> bool:
    """Whether a claim about another document names this one: none repeals or amends itself."""
    own = number_key(fields.document_number)
    named = number_key(claim.number)
    return own is not None and named == own


def _distinct(claims: list[Claim]) -> list[Claim]:
    """Each claim once: where the document is named most fully, else where it is first made."""
    both = [one for one in claims if one.title and number_key(one.number)]
    titles = {(one.kind, title_key(one.title or "")) for one in both}
    numbers = {(one.kind, number_key(one.number)) for one in both}
    seen: set[tuple[object, ...]] = set()
    kept = []
    for one in claims:
        title, number = title_key(one.title or ""), number_key(one.number)
        key = (one.kind, title, number, one.part, one.effective_on, one.period)
        named_elsewhere = (number is None and (one.kind, title) in titles) or (
            not title and (one.kind, number) in numbers
        )
        if key not in seen and (one.of_itself or not named_elsewhere):
            seen.add(key)
            kept.append(one)
    return kept
