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

from archive.law.claims.claim import Claim, ClaimKind, Days
from archive.law.claims.doing import is_not_so, is_planned
from archive.law.claims.extensions import extensions
from archive.law.claims.moments import MOMENT, read_moment
from archive.law.claims.objects import COUNTED, PART, Object, Words, claims_about
from archive.law.claims.sentences import Sentence
from archive.law.words.mentions import COVER, MENTION

_ENDS = re.compile(
    r"宣布失效|废止|失效|停止执行|停止施行|停止实施|停止使用|终止执行|不再执行|不再施行|不再实施|不再适用|撤销|作废"
)
# These can also stand before what they end.
_TRANSITIVE = frozenset(
    {"废止", "宣布失效", "停止执行", "终止执行", "撤销", "停止施行", "停止实施", "停止使用"}
)
_CHANGES = re.compile(r"修改为|调整为|修正为|改为|修改|修订|修正|删去|删除|增加|增设|调整")
_CHANGES_OF_PARTS = frozenset({"增加", "增设", "调整", "调整为", "改为", "修改为", "修正为"})

_NOT_AFTER = re.compile(
    r"(?:前|后|之前|之后|以前|以后|建议|程序|理由|意见|条件|情形|情况|工作|事项|与否|或者?|机制|制度|申请|"
    r"日期|时间|期间|之日|手续|的|和|及|、|任务|计划)"
)

# What else may stand between a list of titles and the verb that they belong to.
_REASON = (
    r"(?:因|由于|鉴于|其|已|已经|适用期|有效期|试行期|施行期|调整对象|主要内容|工作任务|所依据|不再|与|内容)"
    r"[^，。；\ue000]{1,30}，|因[^，。；\ue000]{1,30}?(?=予以|宣布)"
    r"|经[^，。；\ue000]{0,40}?(?:研究|同意|批准|审议|讨论|通过|评估|清理|审核|论证)[^，。；\ue000]{0,6}，"
)
_REPLACED = re.compile(
    rf"(?:已经?)?(?:被|由|为){MENTION}(?:所)?(?:代替|取代|替代|覆盖|涵盖|废止|吸收)"
)
_MANNER = (
    r"(?:同时|予以|现予|一律|均|即行|即|自行|自动|相应|随即|随之|一并|也|正式|全文|全部|宣布|现|同步|立即|"
    r"同日|都|并|依法|分别|特此|决定|自?同日起?|起|开始|应同时|应予同时|则|届时|届满后?|原)"
)
_GAP_TO_END = re.compile(rf"\s*{COUNTED}(?:，|,|\s)*(?:{_REASON}|{MOMENT}|{_MANNER}|到期|，|\s)*")
_GAP_TO_END_OF_PART = re.compile(
    rf"\s*{PART}[^，。；\ue000]{{0,12}}?(?:，|\s)*(?:{_REASON}|{MOMENT}|{_MANNER}|，|\s)*"
)
_GAP_TO_CHANGE = re.compile(
    rf"\s*{COUNTED}(?:(?:，|：|\s)*{PART}[^。；\ue000]{{0,60}}?)?(?:，|,|：|\s|作出?|做出?|进行|予以|如下|以下|"
    r"部分|个别|相应|条款|条文|内容|规定|适当|必要|的|一并|同时|由原来|由|从)*"
)
# 《民法典》施行后，《合同法》同时废止: what another document does.
_BY_ANOTHER = re.compile(
    rf"(?P<who>{MENTION})(?:正式|颁布|公布|发布)?(?:施行|实施|生效)(?:之日)?(?:起|后|以后|之后|时|的同时)"
)
# Not 已不符合上位法规定， which is why it ends.
_REPORTED = re.compile(
    rf"{MENTION}(?:(?![不违与])[^，。；\ue000]){{0,12}}(?:规定|明确|指出|提出|要求)[，：]"
)
_UNCERTAIN = re.compile(
    r"是否|如果|假如|待[^，。；]{1,24}(?:后|之日起?)|另行(?:废止|公布)|(?:立法|制定|工作|清理)计划|(?:共|累计|先后)(?:修改|废止|清理)|[？?]"
    # 建议保留《…》，废止《…》
    r"|(?:^|[，；：])(?:拟|建议)(?:对|将|把|保留|废止|修改|宣布)"
)


# 对《…》作如下修改：what follows does it, whatever the text is called.
_ANNOUNCED = re.compile(r"(?:如下|以下)$")
_CHANGES_BEFORE = frozenset({"修改", "修订", "修正", "删去", "删除"})
_ANY_MOMENT = re.compile(MOMENT)
# 予以废止，自2024年7月1日起停止执行
_FROM_BEHIND = re.compile(
    rf"，(?:并|均|即|一律|统一)?(?P<moment>{MOMENT})，?(?:均|即|一律|同时)?(?:{_ENDS.pattern})"
)
# 调整为“10%”，自2024年7月1日起执行
_CHANGED_FROM = re.compile(
    rf"[^，。；]{{0,60}}，(?:并|均|一律|统一)?(?P<moment>{MOMENT})，?(?:正式)?(?:施行|执行|实施|生效)"
)
_NO_RULE = re.compile(
    r"(?:决定|通知|告知|认定|意见|裁决|判决|裁定|协议|批准|证|合同|复议)书$|许可证$|合同$|协议$"
)
# 2018年我市废止了《…》 tells of it.
_TOLD_OF = re.compile(
    r"(?:^|[，；])[^，；]{0,12}?(?:19|20)\d{2}年[^，；]{0,30}$|[去前上]年[^，；]{0,20}$"
)
_OF_ANOTHER = re.compile(r"(?:施行|实施|执行|生效|印发|发布)?的")
# Farther back nothing says from when a verb holds.
_FAR = 300
# A sentence can list some hundred documents; what is longer was made to cost time.
_LONGEST = 20_000


def other_claims(
    sentence: Sentence,
    days: Days,
    force: date | None,
    *,
    own_titles: frozenset[str],
    amends: bool,
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
    by_other = None if amends else _BY_ANOTHER.search(plain)
    if by_other and not sentence.is_own_title(by_other.start("who"), own_titles):
        return
    words = Words(plain)
    yield from _endings(sentence, words, days, force)
    yield from _changes(sentence, words, days, force, amends=amends)
    yield from extensions(sentence, words)


def _endings(sentence: Sentence, words: Words, days: Days, force: date | None) -> Iterator[Claim]:
    for verb in _ENDS.finditer(words.plain):
        if _NOT_AFTER.match(words.plain, verb.end()):
            continue
        objects = _objects_before(words, verb.start())
        if not objects and verb[0] in _TRANSITIVE and not is_not_so(words.back_from(verb.start())):
            objects = words.objects_after(verb.end())
            if words.plain.startswith("了", verb.end()) and _TOLD_OF.search(
                words.back_from(verb.start())
            ):
                continue
        for one in objects:
            if _NO_RULE.search(sentence.mention_at(one.place).title or ""):
                continue
            if verb[0] == "作废" and sentence.mention_at(one.place).number is None:
                continue  # a lost licence, 声明作废
            kind = ClaimKind.AMENDS if one.part else ClaimKind.REPEALS
            day = _from_when(words, verb, days, force)
            yield from claims_about(kind, sentence, one, day)


def _objects_before(words: Words, verb: int) -> list[Object]:
    """The titles right before a verb that ends them."""
    last = words.last_before(verb)
    if last is None:
        return []
    gap = words.gap(last, verb)
    if gap is None or is_not_so(gap):
        return []
    part = None
    if not _GAP_TO_END.fullmatch(gap):
        if not _GAP_TO_END_OF_PART.fullmatch(gap):
            return []
        part = words.part_between(last, verb)
    if is_planned(words.before_list(last)):
        return []
    return words.list_to(last, part=part)


def _changes(
    sentence: Sentence, words: Words, days: Days, force: date | None, *, amends: bool
) -> Iterator[Claim]:
    for verb in _CHANGES.finditer(words.plain):
        if _NOT_AFTER.match(words.plain, verb.end()) or is_not_so(words.back_from(verb.start())):
            continue
        objects: list[Object] = []
        last = words.last_before(verb.start())
        gap = None if last is None else words.gap(last, verb.start())
        if last is not None and gap is not None and _GAP_TO_CHANGE.fullmatch(gap):
            part = words.part_after(verb.end()) if verb[0] in _CHANGES_BEFORE else None
            part = part or words.part_between(last, verb.start())
            does_so = amends or _ANNOUNCED.search(gap)
            if part or (does_so and verb[0] not in _CHANGES_OF_PARTS):
                objects = words.list_to(last, part=part)
        if not objects and amends and verb[0] in _CHANGES_BEFORE:
            objects = words.objects_after(verb.end())
        for one in objects:
            day = _from_when(words, verb, days, force)
            yield from claims_about(ClaimKind.AMENDS, sentence, one, day)


def _from_when(words: Words, ends: re.Match[str], days: Days, force: date | None) -> date | None:
    """From when the verb holds: as the words before or behind it say, else with the text itself."""
    pattern = _FROM_BEHIND if _ENDS.fullmatch(ends[0]) else _CHANGED_FROM
    behind = pattern.match(words.plain, ends.end())
    verb = ends.start()
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
    said = read_moment(behind["moment"], days, force) if behind else None
    return said or force
