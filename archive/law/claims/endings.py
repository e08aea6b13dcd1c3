"""What a sentence claims of other documents: that they end, or that their words change.

The sentence is looked at with its mentions covered. A verb such as 废止 counts only with the titles
that are its objects, right before it (《…》同时废止) or after it (废止《…》), and only where it is
done: not where it is planned (拟废止), denied (不予废止), recommended, or merely told of (已于去年
废止, 废止前).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from archive.law.claims.claim import Claim, ClaimKind, Days, Place
from archive.law.claims.moments import MOMENT, read_moment
from archive.law.claims.objects import PART, Object, Words
from archive.law.claims.sentences import Sentence
from archive.law.words.dates import DATE, read_days
from archive.law.words.mentions import COVER, MENTION

_PLAIN_DATE = re.sub(r"\?P<\w+>", "?:", DATE)
_ENDS = re.compile(
    r"宣布失效|废止|失效|停止执行|停止施行|停止实施|停止使用|终止执行|不再执行|不再施行|不再实施|不再适用|撤销|作废"
)
# These can also stand before what they end.
_TRANSITIVE = frozenset(
    {"废止", "宣布失效", "停止执行", "终止执行", "撤销", "停止施行", "停止实施", "停止使用"}
)
_CHANGES = re.compile(r"修改为|调整为|修正为|改为|修改|修订|修正|删去|删除|增加|增设|调整")
_CHANGES_OF_PARTS = frozenset({"增加", "增设", "调整", "调整为", "改为", "修改为", "修正为"})

# Not done by this sentence: planned, denied, recommended, allowed, told of.
_NOT_SO = re.compile(
    r"(?:拟|不予|未|没有|建议|研究|是否|可以|(?<!许)可|应当|(?<![相适])应|需要|需|须|必须|提请|报请|申请|要求|计划|准备|考虑|"
    r"如(?!下)|若|待|尚|暂|修改|修订|制定|已经?被?|曾经?|被|继续|启动|组织|抓紧|"
    r"及时|加快|推进|适时|有序|将要|清理|陆续|逐步)[^，。；：\ue000]{0,5}$|不(?:再|能|得|宜|应|会|予|可)?$|(?:或者|或|以及|和|与|及|、)$"
)
_DONE_FORMERLY = re.compile(
    r"(?:已经?|曾经?)(?:被|于|由|自|在)?[^，。；：\ue000]{0,24}$|被[^，。；：]{0,30}$"
)
_NOT_AFTER = re.compile(
    r"(?:前|后|之前|之后|以前|以后|建议|程序|理由|意见|条件|情形|情况|工作|事项|与否|或者?|机制|制度|申请|"
    r"日期|时间|期间|之日|手续|的|和|及|、|任务|计划)"
)

# What may stand between a list of titles and the verb that they belong to.
_COUNTED = (
    r"(?:等)?(?:上述|以上|共|共计)?\s*(?:[\d一二三四五六七八九十百两]+\s*(?:件|个|部|项|份))?"
    r"(?:市政府|市级|市本级|政府|我市|我局|部门)?(?:行政)?(?:规范性|政策性)?(?:文件|规章|文|制度|规定|办法|政策)?"
)
_REASON = (
    r"(?:因|由于|鉴于|其|已|已经|适用期|有效期|试行期|施行期|调整对象|主要内容|工作任务|所依据|不再|与|内容)"
    r"[^，。；\ue000]{1,30}，|因[^，。；\ue000]{1,30}?(?=予以|宣布)"
)
_REPLACED = re.compile(
    rf"(?:已经?)?(?:被|由|为){MENTION}(?:所)?(?:代替|取代|替代|覆盖|涵盖|废止|吸收)"
)
_MANNER = (
    r"(?:同时|予以|一律|均|即行|即|自行|自动|相应|随即|随之|一并|也|正式|全文|全部|宣布|现|同步|立即|"
    r"同日|都|并|依法|分别|特此|决定|自?同日起?|起|开始|应同时|应予同时|则|届时|届满后?|原)"
)
_GAP_TO_END = re.compile(rf"\s*{_COUNTED}(?:，|,|\s)*(?:{_REASON}|{MOMENT}|{_MANNER}|到期|，|\s)*")
_GAP_TO_END_OF_PART = re.compile(
    rf"\s*{PART}[^，。；\ue000]{{0,12}}?(?:，|\s)*(?:{_REASON}|{MOMENT}|{_MANNER}|，|\s)*"
)
_GAP_TO_CHANGE = re.compile(
    rf"\s*{_COUNTED}(?:(?:，|：|\s)*{PART}[^。；\ue000]{{0,60}}?)?(?:，|,|：|\s|作出?|做出?|进行|予以|如下|以下|"
    r"部分|个别|相应|条款|条文|内容|规定|适当|必要|的|一并|同时|由原来|由|从)*"
)
_REPORTED = re.compile(rf"{MENTION}[^，。；\ue000]{{0,12}}(?:规定|明确|指出|提出|要求)[，：]")
_UNCERTAIN = re.compile(
    r"是否|如果|假如|待[^，。；]{1,24}(?:后|之日起?)|另行(?:废止|公布)|(?:立法|制定|工作|清理)计划|(?:共|累计|先后)(?:修改|废止|清理)|[？?]"
)


_EXTENDED = re.compile(
    rf"{MENTION}{_COUNTED}(?:的)?(?:，|\s)*"
    rf"(?:(?:有效期|执行期|施行期|实施期|试行期)(?:限)?(?:统一|均|再|予以)*(?:延长|延续|顺延|延期|延)|"
    rf"(?:有效期)?(?:统一|均|再)*(?:延长|延续|延期|继续)(?:有效|执行|施行|实施|试行))(?:期限)?"
    rf"(?:至|到)\s*(?P<date>{_PLAIN_DATE})"
)
_CHANGES_BEFORE = frozenset({"修改", "修订", "修正", "删去", "删除"})
_PLANNED = re.compile(
    r"(?:拟|建议|研究|是否|计划|准备|考虑|提请|报请|申请|不再|可以)[^\ue000]{0,12}$"
)
_STOP = re.compile(r"[，；：。\ue000\ue001]")
_ANY_PART = re.compile(PART)
_ANY_MOMENT = re.compile(MOMENT)
_OF_ANOTHER = re.compile(r"(?:施行|实施|执行|生效|印发|发布)?的")
# Farther back nothing says from when a verb holds.
_FAR = 300
_LONGEST_QUOTE, _AROUND = 600, 100
# A sentence can list some hundred documents; what is longer was made to cost time.
_LONGEST = 20_000


def other_claims(
    sentence: Sentence, days: Days, force: date | None, *, amends: bool
) -> Iterator[Claim]:
    """What a sentence claims of other documents.

    `force` is the day on which the text that it stands in takes effect. `amends` tells that the
    text is one that changes others, where 修改《…》 does it and does not just plan it.
    """
    covered = sentence.covered
    if COVER not in covered or len(covered) > _LONGEST or _UNCERTAIN.search(covered):
        return
    plain = _REPLACED.sub(lambda match: "已" + "代" * (len(match[0]) - 2) + "，", covered)
    if _REPORTED.search(plain):
        return
    words = Words(plain)
    yield from _endings(sentence, words, days, force)
    yield from _changes(sentence, words, days, force, amends=amends)
    yield from _extensions(sentence, words)


def _endings(sentence: Sentence, words: Words, days: Days, force: date | None) -> Iterator[Claim]:
    for verb in _ENDS.finditer(words.plain):
        if _NOT_AFTER.match(words.plain, verb.end()):
            continue
        objects = _objects_before(words, verb.start())
        if not objects and verb[0] in _TRANSITIVE and not _is_not_so(words, verb.start()):
            objects = words.objects_after(verb.end())
        for one in objects:
            if verb[0] == "作废" and sentence.mention_at(one.place).number is None:
                continue  # a lost licence, 声明作废
            kind = ClaimKind.AMENDS if one.is_part else ClaimKind.REPEALS
            day = _from_when(words, verb.start(), days, force)
            yield _claim(kind, sentence, one, day)


def _objects_before(words: Words, verb: int) -> list[Object]:
    """The titles right before a verb that ends them."""
    last = words.last_before(verb)
    if last is None:
        return []
    gap = words.gap(last, verb)
    if gap is None or _is_not_so_clause(_STOP.split(gap)[-1]):
        return []
    is_part = not _GAP_TO_END.fullmatch(gap)
    if is_part and not _GAP_TO_END_OF_PART.fullmatch(gap):
        return []
    before = words.before_list(last)
    if _PLANNED.search(before) and not before.endswith("决定"):
        return []
    return words.list_to(last, is_part=is_part)


def _changes(
    sentence: Sentence, words: Words, days: Days, force: date | None, *, amends: bool
) -> Iterator[Claim]:
    for verb in _CHANGES.finditer(words.plain):
        if _NOT_AFTER.match(words.plain, verb.end()) or _is_not_so(words, verb.start()):
            continue
        objects: list[Object] = []
        last = words.last_before(verb.start())
        gap = None if last is None else words.gap(last, verb.start())
        if last is not None and gap is not None and _GAP_TO_CHANGE.fullmatch(gap):
            in_parts = _ANY_PART.search(gap) is not None
            if in_parts or (amends and verb[0] not in _CHANGES_OF_PARTS):
                objects = words.list_to(last, is_part=True)
        if not objects and amends and verb[0] in _CHANGES_BEFORE:
            objects = words.objects_after(verb.end())
        for one in objects:
            day = _from_when(words, verb.start(), days, force)
            yield _claim(ClaimKind.AMENDS, sentence, one, day)


def _extensions(sentence: Sentence, words: Words) -> Iterator[Claim]:
    """《…》有效期延长至…: a new last day for another document."""
    for match in _EXTENDED.finditer(words.plain):
        last = words.last_before(match.start() + 1)
        end = read_days(match["date"])
        if last is None or end is None or _is_not_so(words, match.start()):
            continue
        for one in words.list_to(last, is_part=False):
            yield _claim(ClaimKind.EFFECTIVE_UNTIL, sentence, one, end.last)


def _is_not_so(words: Words, verb: int) -> bool:
    """Whether a verb is planned, denied or told of by the words before it in its clause."""
    return _is_not_so_clause(_STOP.split(words.back_from(verb))[-1])


def _is_not_so_clause(clause: str) -> bool:
    said = _ANY_MOMENT.sub("", clause).replace("应当同时", "").replace("应同时", "")
    return bool(_NOT_SO.search(said.removesuffix("予以")) or _DONE_FORMERLY.search(clause))


def _from_when(words: Words, verb: int, days: Days, force: date | None) -> date | None:
    """From when the verb holds: as the words before it say, else with the text itself."""
    start = max(words.plain.rfind("；", 0, verb) + 1, verb - _FAR)
    last = words.last_before(verb)
    near = max(start, words.end_of(last)) if last is not None else start
    for region, must_begin in ((near, False), (start, True)):
        for match in reversed(list(_ANY_MOMENT.finditer(words.plain, region, verb))):
            if must_begin and not match[0].endswith(("起", "后", "开始")):
                continue
            if _OF_ANOTHER.match(words.plain, match.end()):
                continue
            said = read_moment(match[0], days, force)
            if said is not None:
                return said
    return force


def _claim(kind: ClaimKind, sentence: Sentence, one: Object, day: date | None) -> Claim:
    mention = sentence.mention_at(one.place)
    start, end = sentence.start, sentence.end
    if end - start > _LONGEST_QUOTE:
        # Of a sentence that lists a hundred documents, what stands around this one.
        start = max(start, mention.start - _AROUND)
        end = min(end, mention.end + _AROUND)
    return Claim(
        kind=kind,
        title=mention.title,
        number=mention.number,
        effective_on=day.isoformat() if day else None,
        quote=sentence.text[start - sentence.start : end - sentence.start],
        place=Place(sentence.paragraph, start, end),
    )
