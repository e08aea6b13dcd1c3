"""What a document says about its own force: from when, until when, for how long.

Texts are full of periods that are not their own: permits that are valid for three years, vouchers
that expire, laws that took effect. A sentence counts only where it speaks of the document: 本办法
or its title is its subject, or it has none and follows on one that has (现予公布，自…起施行).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from archive.law.claims.claim import Claim, ClaimKind, Days, Place
from archive.law.claims.doing import is_not_so
from archive.law.claims.extensions import OWN as LONGER
from archive.law.claims.extensions import read as read_extension
from archive.law.claims.moments import MOMENT, read_moment
from archive.law.claims.sentences import Sentence
from archive.law.words.dates import DATE, SPAN, read_days, read_period
from archive.law.words.mentions import MENTION

_PLAIN_DATE = re.sub(r"\?P<\w+>", "?:", DATE)
_PLAIN_SPAN = re.sub(r"\?P<\w+>", "?:", SPAN)
_ACT = "施行|实施|执行|生效|试行|启用|实行"
_NOUNS = (
    "办法|规定|通知|意见|决定|细则|规则|方案|制度|措施|政策|通告|公告|标准|规划|计划|预案|条例|章程|"
    "指南|规范|目录|清单|文件|令|导则|准则|程序|纲要|要点|公约|守则|基准|指引|批复|函|补贴政策|价格|文"
)
# Not any words: 本地块出让公告 is not the document.
_MODIFIERS = (
    "实施|暂行|试行|管理|若干|工作|行动|补充|指导|操作|扶持|奖励|优惠|规范性|应急|专项|技术|评价|服务|收费|补贴|"
    "资助|奖补|临时|裁量权?|认定|考核|评审|总体|具体|系列|各?项|支持|促进|鼓励"
)
_ITSELF = re.compile(
    r"(?:以上|上述)(?:措施|政策|规定|条款|标准)|以上(?:通知|意见|决定|通告|公告|办法|事项|要求|内容)"
    rf"|(?:以上|上述|以上各条|此次)?(?:本|此)(?:{_MODIFIERS})*(?:{_NOUNS})(?:（(?:试行|暂行|修订)）)?"
)
_ITSELF_DECISION = re.compile(r"(?:本|此)(?:决定|通知|公告|令|通告)")
_LEAD_ON = re.compile(
    r"现予|现将|现(?:印发|发布|公布)|予以?(?:公布|发布|印发|公告)|(?:通过|同意|批准|审定)"
)
_NUMBERING = re.compile(
    r"^\s*(?:第[一二三四五六七八九十百零〇\d]+条|[（]?[一二三四五六七八九十]+[）、.．]|[（]?\d+[）、.．]|附则)\s*"
)
# （2018年12月1日市人民政府令第5号公布 自2019年2月1日起施行）
_NOTE = re.compile(r"（?\d{4}年.*(?:公布|发布|通过|批准|修订|修正|印发)")
_MOMENT_AT_END = re.compile(rf"(?<=.){MOMENT}$")
_LABEL = re.compile(rf"(?:{_ACT}|有效)(?:时间|日期|期限|期)\s*：$")

_FROM = re.compile(
    rf"(?P<moment>{MOMENT})，?(?:正式|开始|全面|统一|起)*"
    rf"(?P<act>(?:{_ACT})(?=$|[，。；、）！\s]|至|到|并|试行|期)|(?:{_ACT})(?={_PLAIN_SPAN}(?:$|[，。；）])))"
)
_DATED = re.compile(
    rf"的?(?:施行|实施|生效|执行)(?:日期|时间)(?:：|定?为|是)\s*"
    rf"(?P<date>{_PLAIN_DATE}|\d{{4}}-\d\d?-\d\d?)(?=$|[。；，）])"
)
_TERM = re.compile(
    rf"(?:的)?(?:(?:有效|{_ACT}|试用|适用|政策)(?:期|期限|时间|时限)(?:限)?"
    rf"(?:，?自[^，。；]{{0,24}}?(?:起|计算))?(?:，?(?:暂定|暂)?(?:为|是|定为|：)?)?"
    rf"(?:(?P<since>{MOMENT})(?:计算)?，?)?"
    rf"|暂定?试行|试行|暂行|(?:暂定?)?(?:{_ACT}))\s*(?:暂定)?\s*(?P<span>{_PLAIN_SPAN})"
    rf"(?=$|[，。；、）！\s]|，?自|有效|止)(?:，?(?P<counted>{MOMENT})(?:计算|算起))?"
)
_UNTIL = re.compile(
    rf"(?:的)?(?:(?:有效|{_ACT}|试用|适用|政策)(?:期|期限|时间|时限)?(?:限)?|截止(?:日期|时间)?)"
    rf"\s*(?:暂定)?(?:截止|截至|到|至|于|为|：)+\s*(?P<date>{_PLAIN_DATE})(?:止|为止)?"
)
_RANGE = re.compile(
    rf"(?P<lead>(?:的)?(?:(?:有效|{_ACT}|试用|适用|政策)(?:期|期限|时间|时限)(?:限)?"
    rf"\s*(?:暂定)?(?:为|：)?)?)\s*(?:(?:自|从)?\s*(?P<first>{_PLAIN_DATE})(?:起)?|(?P<since>{MOMENT}))"
    rf"(?P<act>(?:正式)?(?:{_ACT})?)，?(?:至|到|—+|-|–|~|～)\s*(?P<date>{_PLAIN_DATE})"
    rf"(?:止|为止)?(?P<tail>(?:期间)?(?:有效|{_ACT}|废止|失效)?)"
)
_EXPIRY = re.compile(
    rf"(?:至|到|于)?\s*(?P<date>{_PLAIN_DATE})(?P<from>起)?(?:，)?"
    rf"(?:即行|自行|自动|自然)?(?:废止|失效|终止|停止执行|停止施行)"
)
# Without words of both kinds a sentence says nothing here; nearly all are spared the patterns.
_ABOUT_FORCE = re.compile(rf"{_ACT}|有效|期|截止|废止|失效|终止|停止")
_TO = re.compile(r"[至到—–~～-]")
_ABOUT_TIME = re.compile(r"[年月日天]")
# Whoever states when a rule is in force does it in less; what is longer was made to cost time.
_LONGEST = 1500


class Speaker:
    """Who speaks: which nouns and titles in the text mean the document itself.

    A decision that amends or repeals speaks of others throughout, and often has one of them
    attached; only 本决定 (本通知, 本公告) is itself there. `only_changes` tells that it amends and
    does nothing else.
    """

    def __init__(
        self, own_titles: frozenset[str], *, is_decision: bool, only_changes: bool = False
    ) -> None:
        self.own_titles = own_titles
        self.only_changes = only_changes
        self._itself = _ITSELF_DECISION if is_decision else _ITSELF

    def is_subject(self, words: str) -> bool:
        """Whether the beginning of a clause, as it stands before the verb, means the document."""
        return bool(self._itself.fullmatch(words.strip()))

    def speaks(self, clause: str) -> bool:
        """Whether a clause before is about the document, so that the next needs no subject."""
        found = self._itself.search(clause)
        return found is not None or bool(_LEAD_ON.search(clause))


def own_claims(sentence: Sentence, speaker: Speaker, days: Days) -> Iterator[Claim]:
    """What a sentence claims of the document that it stands in."""
    if len(sentence.covered) > _LONGEST:
        return
    if not (_ABOUT_FORCE.search(sentence.covered) and _ABOUT_TIME.search(sentence.covered)):
        return
    force: date | None = None
    taken: list[tuple[int, int]] = []
    spans = _RANGE.finditer(sentence.covered) if _TO.search(sentence.covered) else ()
    for match in spans:
        named = match["lead"].strip("的") or match["act"] or match["tail"]
        if not named or not _is_own(sentence, match.start(), speaker, at_start=True):
            continue
        first, end = _first_of(match, days), read_days(match["date"])
        if first is None or end is None or end.last < first:
            continue
        force = force or first
        taken.append(match.span())
        yield _claim(ClaimKind.EFFECTIVE_FROM, sentence, first)
        yield _claim(ClaimKind.EFFECTIVE_UNTIL, sentence, end.last)
    for match in _DATED.finditer(sentence.covered):
        stated = read_days(match["date"])
        if stated is not None and _is_own(sentence, match.start(), speaker, at_start=True):
            force = force or stated.first
            yield _claim(ClaimKind.EFFECTIVE_FROM, sentence, stated.first)
    for match in _FROM.finditer(sentence.covered):
        if _within(match, taken) or not _is_own(sentence, match.start(), speaker, at_start=True):
            continue
        day = read_moment(match["moment"], days, None)
        if day is not None:
            force = force or day
            # Of 自…起试行一年 the second half is a term as well.
            taken.append((match.start(), match.start("act")))
            yield _claim(ClaimKind.EFFECTIVE_FROM, sentence, day)
            until = _EXPIRY.match(sentence.covered, match.end() + 1)
            if until is not None and (end := read_days(until["date"])) is not None:
                taken.append(until.span())
                last = end.first - timedelta(days=1) if until["from"] else end.last
                yield _claim(ClaimKind.EFFECTIVE_UNTIL, sentence, last)
    for match in _UNTIL.finditer(sentence.covered):
        if _within(match, taken) or not _is_own(
            sentence, match.start(), speaker, at_start=bool(taken) or sentence.is_alone
        ):
            continue
        end = read_days(match["date"])
        if end is not None:
            taken.append(match.span())
            yield _claim(ClaimKind.EFFECTIVE_UNTIL, sentence, end.last)
    for match in LONGER.finditer(sentence.covered):
        if _within(match, taken) or not _is_own(sentence, match.start(), speaker, at_start=False):
            continue
        longer = read_extension(match)
        if longer is not None and not is_not_so(sentence.covered[: match.start()]):
            taken.append(match.span())
            yield _claim(longer.kind, sentence, longer.day, longer.period)
    for match in _TERM.finditer(sentence.covered):
        if _within(match, taken) or not _is_own(
            sentence, match.start(), speaker, at_start=bool(taken) or sentence.is_alone
        ):
            continue
        period = read_period(match["span"])
        if period is not None:
            taken.append(match.span())
            since = match["since"] or match["counted"]
            counted = read_moment(since, days, force) if since else None
            yield _claim(ClaimKind.TERM, sentence, counted or force, period)
    for match in _EXPIRY.finditer(sentence.covered):
        if _within(match, taken) or not _is_own(
            sentence, match.start(), speaker, at_start=bool(taken)
        ):
            continue
        end = read_days(match["date"])
        if end is not None:
            last = end.first - timedelta(days=1) if match["from"] else end.last
            yield _claim(ClaimKind.EFFECTIVE_UNTIL, sentence, last)


def _is_own(sentence: Sentence, place: int, speaker: Speaker, *, at_start: bool) -> bool:
    """Whether what begins at `place` has the document for its subject.

    `at_start` tells whether it may stand at the sentence's beginning without any.
    """
    before = sentence.covered[:place]
    clause = re.split(r"[，；]", before)[-1]
    subject = _NUMBERING.sub("", clause).strip().removeprefix("（")
    # 本办法自发布之日起(试行一年)
    subject = _MOMENT_AT_END.sub("", subject)
    if re.fullmatch(MENTION, subject):
        return sentence.is_own_title(len(before.rstrip()) - 1, speaker.own_titles)
    if _NOTE.fullmatch(subject):
        return True
    if _LABEL.search(subject) or (subject.endswith("：") and _LABEL.search(subject[:-1] + "：")):
        return True
    if subject and not speaker.is_subject(subject.removesuffix("的")):
        return False
    if subject:
        return True
    earlier = before[: len(before) - len(clause)].strip("，； ")
    if not earlier:
        return at_start
    return speaker.speaks(earlier) or sentence.names_itself(earlier, speaker.own_titles)


def _first_of(span: re.Match[str], days: Days) -> date | None:
    """The first day of a span from one day to another."""
    if span["since"]:
        return read_moment(span["since"], days, None)
    known = read_days(span["first"])
    return None if known is None else known.first


def _within(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in taken)


def _claim(
    kind: ClaimKind, sentence: Sentence, day: date | None, period: str | None = None
) -> Claim:
    return Claim(
        kind=kind,
        effective_on=day.isoformat() if day else None,
        period=period,
        quote=sentence.text,
        place=Place(sentence.paragraph, sentence.start, sentence.end),
    )
