"""What a sentence claims of other documents: that they end, or that their words change.

The sentence is looked at with its mentions covered. A verb such as 废止 counts only with the titles
that are its objects, right before it (《…》同时废止) or after it (废止《…》), and only where it is
done: not where it is planned (拟废止), denied (不予废止), recommended, or merely told of (已于去年
废止, 废止前).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from archive.law.claim import Claim, ClaimKind, Days, Place
from archive.law.dates import DATE, read_days
from archive.law.mentions import COVER, MENTION
from archive.law.moments import MOMENT, read_moment
from archive.law.sentences import Sentence

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
    r"(?:拟|不予|未|没有|建议|研究|是否|可以|可|应当|应|需要|需|须|必须|提请|报请|申请|要求|计划|准备|考虑|"
    r"如(?!下)|若|待|尚|暂|不|修改|修订|制定|已经?被?|曾经?|被|继续|启动|组织|抓紧|"
    r"及时|加快|推进|适时|依法|有序|将要|清理|陆续|逐步|分别)[^，。；：\ue000]{0,5}$|(?:或者|或|以及|和|与|及|、)$"
)
_DONE_FORMERLY = re.compile(
    r"(?:已经?|曾经?)(?:被|于|由|自|在)?[^，。；：\ue000]{0,24}$|被[^，。；：]{0,30}$"
)
_NOT_AFTER = re.compile(
    r"(?:前|后|之前|之后|以前|以后|建议|程序|理由|意见|条件|情形|情况|工作|事项|与否|或者?|机制|制度|申请|"
    r"日期|时间|期间|之日|手续|的|和|及|、|任务|计划)"
)
_OF_WORK = re.compile(r"^(?:编制|组织|启动|开展|完成|推动|加快|做好|研究)")

# What may stand between a list of titles and the verb that they belong to.
_COUNTED = (
    r"(?:等)?(?:上述|以上|共|共计)?\s*(?:[\d一二三四五六七八九十百两]+\s*(?:件|个|部|项|份))?"
    r"(?:市政府|市级|市本级|政府|我市|我局|部门)?(?:行政)?(?:规范性|政策性)?(?:文件|规章|文|制度|规定|办法|政策)?"
)
_REASON = (
    r"(?:因|由于|鉴于|其|已|已经|适用期|有效期|试行期|施行期|调整对象|主要内容|工作任务|所依据|不再|与|内容)"
    r"[^，。；\ue000]{1,30}，"
)
_REPLACED = re.compile(
    rf"(?:已经?)?(?:被|由|为){MENTION}(?:所)?(?:代替|取代|替代|覆盖|涵盖|废止|吸收)"
)
_MANNER = (
    r"(?:同时|予以|一律|均|即行|即|自行|自动|相应|随即|随之|一并|也|正式|全文|全部|宣布|现|同步|立即|"
    r"同日|都|并|特此|决定|自?同日起?|起|开始|应同时|应予同时|则|届时|届满后?|原)"
)
_GAP_TO_END = re.compile(rf"\s*{_COUNTED}(?:，|,|\s)*(?:{_REASON}|{MOMENT}|{_MANNER}|到期|，|\s)*")
_PART = (
    r"(?:的|中|之)*(?:第[一二三四五六七八九十百零〇\d、至和到及—\-第条款项章节目（）()]+"
    r"[条款项章节目）](?:之[一二三四五六七八九十]+)?|附件\d*|附表\d*|(?:部分|个别|有关|相关|上述|其他|所涉|与本"
    r"[\u4e00-\u9fff]{1,8}(?:不一致|相抵触|不符)的?)[^，。；\ue000]{0,20}?(?:条款|规定|内容|条文|部分|政策|条件|标准)"
    r"|(?:关于|有关|中|对|涉及)[^，。；\ue000]{1,40}?(?:条款|规定|内容|条文|部分|政策|条件|标准|要求))"
)
_GAP_TO_END_OF_PART = re.compile(
    rf"\s*{_PART}[^，。；\ue000]{{0,12}}?(?:，|\s)*(?:{_REASON}|{MOMENT}|{_MANNER}|，|\s)*"
)
_GAP_TO_CHANGE = re.compile(
    rf"\s*{_COUNTED}(?:(?:，|：|\s)*{_PART}[^。；\ue000]{{0,60}}?)?(?:，|,|：|\s|作出?|做出?|进行|予以|如下|以下|"
    r"部分|个别|相应|条款|条文|内容|规定|适当|必要|的|一并|同时|由原来|由|从)*"
)
_GAP_AFTER = re.compile(
    r"(?:了)?(?:以下|下列|如下|原|我市|上述)?(?:[^，。；：\ue000的]{0,24}?(?:印发|下发|发布|公布|制定|出台)的)?"
    r"(?:[^，。；：\ue000的]{0,16})?(?:[\d一二三四五六七八九十百两]+(?:件|个|部|项|份))?"
    r"(?:行政)?(?:规范性|政策性)?(?:文件|规章|文)?[：:]?\s*(?:[（]?[\d一二三四五六七八九十]+[）.．、]\s*)?"
)
_BETWEEN = re.compile(
    r"(?:\s|、|，|；|和|及|以及|与|或|原|(?:[（]?[\d一二三四五六七八九十]+[）.．、])|"
    r"[^，。；：、\ue000]{0,24}(?:印发|下发|发布|公布|制定|出台|转发)的|"
    r"[\u4e00-\u9fff]{0,12}(?:人民政府|政府|办公室|办公厅|委员会|局|厅|部门)(?:的)?)*"
)
_GROUND = re.compile(
    r"(?:根据|依据|依照|按照|参照|遵照|贯彻|落实|违反|执行|适用|对照|结合|符合|经|见|按)[^，。；：、\ue000]{0,24}$"
)
_REPORTED = re.compile(rf"{MENTION}[^，。；\ue000]{{0,12}}(?:规定|明确|指出|提出|要求)[，：]")
_UNCERTAIN = re.compile(
    r"是否|如果|假如|待[^，。；]{1,24}(?:后|之日起?)|另行(?:废止|公布)|(?:立法|制定|工作|清理)计划|(?:共|累计|先后)(?:修改|废止|清理)|[？?]"
)


@dataclass(frozen=True, slots=True)
class Object:
    """A document that a verb is about, by the place of its mention in the sentence."""

    place: int
    is_part: bool


def other_claims(
    sentence: Sentence, days: Days, force: date | None, *, amends: bool
) -> Iterator[Claim]:
    """What a sentence claims of other documents.

    `force` is the day on which the text that it stands in takes effect. `amends` tells that the
    text is one that changes others, where 修改《…》 does it and does not just plan it.
    """
    covered = sentence.covered
    if COVER not in covered or _UNCERTAIN.search(covered):
        return
    plain = _REPLACED.sub(lambda match: "已" + "代" * (len(match[0]) - 2) + "，", covered)
    if _REPORTED.search(plain):
        return
    yield from _endings(sentence, plain, days, force)
    yield from _changes(sentence, plain, days, force, amends=amends)
    yield from _extensions(sentence, plain)


def _endings(sentence: Sentence, plain: str, days: Days, force: date | None) -> Iterator[Claim]:
    for verb in _ENDS.finditer(plain):
        if _NOT_AFTER.match(plain, verb.end()):
            continue
        objects = _objects_before(plain, verb.start())
        if not objects and verb[0] in _TRANSITIVE and not _is_not_so(plain, verb.start()):
            objects = _objects_after(plain, verb.end())
        for one in objects:
            if verb[0] == "作废" and sentence.mention_at(one.place).number is None:
                continue  # a lost licence, 声明作废
            kind = ClaimKind.AMENDS if one.is_part else ClaimKind.REPEALS
            day = _from_when(plain, verb.start(), days, force)
            yield _claim(kind, sentence, one, day)


def _changes(
    sentence: Sentence, plain: str, days: Days, force: date | None, *, amends: bool
) -> Iterator[Claim]:
    for verb in _CHANGES.finditer(plain):
        if _NOT_AFTER.match(plain, verb.end()) or _is_not_so(plain, verb.start()):
            continue
        before = _last_mention(plain, verb.start())
        objects: list[Object] = []
        if before is not None:
            gap = plain[before[1] : verb.start()]
            in_parts = re.search(_PART, gap) is not None
            formed = _GAP_TO_CHANGE.fullmatch(gap) is not None
            if formed and (in_parts or (verb[0] not in _CHANGES_OF_PARTS and amends)):
                objects = _chain_back(plain, before, is_part=True)
        if not objects and verb[0] in {"修改", "修订", "修正", "删去", "删除"} and amends:
            objects = _objects_after(plain, verb.end())
        for one in objects:
            day = _from_when(plain, verb.start(), days, force)
            yield _claim(ClaimKind.AMENDS, sentence, one, day)


_EXTENDED = re.compile(
    rf"(?P<what>{MENTION})(?P<gap>{_COUNTED}(?:的)?)(?:，|\s)*"
    rf"(?:(?:有效期|执行期|施行期|实施期|试行期)(?:限)?(?:统一|均|再|予以)*(?:延长|延续|顺延|延期|延)|"
    rf"(?:有效期)?(?:统一|均|再)*(?:延长|延续|延期|继续)(?:有效|执行|施行|实施|试行))(?:期限)?"
    rf"(?:至|到)\s*(?P<date>{_PLAIN_DATE})"
)


def _extensions(sentence: Sentence, plain: str) -> Iterator[Claim]:
    """《…》有效期延长至…: a new last day for another document."""
    for match in _EXTENDED.finditer(plain):
        if _NOT_SO.search(plain[: match.start()]):
            continue
        end = read_days(match["date"])
        if end is not None:
            for one in _chain_back(plain, match.span("what"), is_part=False):
                yield _claim(ClaimKind.EFFECTIVE_UNTIL, sentence, one, end.last)


def _objects_before(plain: str, verb: int) -> list[Object]:
    """The titles right before a verb that ends them."""
    last = _last_mention(plain, verb)
    if last is None:
        return []
    gap = plain[last[1] : verb]
    clause = re.split(r"[，；：]", gap)[-1]
    if _is_not_so_clause(clause) or _NOT_SO.search(_before_chain(plain, last)):
        return []
    if _GAP_TO_END.fullmatch(gap):
        return _chain_back(plain, last, is_part=False)
    if _GAP_TO_END_OF_PART.fullmatch(gap):
        return _chain_back(plain, last, is_part=True)
    return []


def _objects_after(plain: str, verb_end: int) -> list[Object]:
    """The titles after a verb: the first one close to it, and the list that it begins."""
    found: list[Object] = []
    first = re.compile(MENTION).search(plain, verb_end)
    if first is None or not _GAP_AFTER.fullmatch(plain, verb_end, first.start()):
        return found
    at = first
    while at is not None:
        tail = re.compile(rf"\s*{_PART}").match(plain, at.end())
        found.append(Object(at.start(), tail is not None))
        if tail is None and plain.startswith("的", at.end()):
            return []  # 废止《…》的理由 is about it, and does not do it
        follow = re.compile(MENTION).search(plain, at.end())
        if follow is None or not _BETWEEN.fullmatch(
            plain, tail.end() if tail else at.end(), follow.start()
        ):
            break
        at = follow
    return found


def _chain_back(plain: str, last: tuple[int, int], *, is_part: bool) -> list[Object]:
    """The list of titles that ends with the mention `last`, without those that are grounds."""
    spans = [match.span() for match in re.finditer(MENTION, plain[: last[1]])]
    chain = [spans[-1]]
    for one in reversed(spans[:-1]):
        if not _BETWEEN.fullmatch(plain, one[1], chain[0][0]):
            break
        chain.insert(0, one)
    kept: list[tuple[int, int]] = []
    grounds = False
    for place, one in enumerate(chain):
        new_group = place == 0 or "，" in plain[chain[place - 1][1] : one[0]]
        if new_group:
            before = plain[(chain[place - 1][1] if place else 0) : one[0]]
            grounds = bool(_GROUND.search(before))
        elif _GROUND.search(plain[chain[place - 1][1] : one[0]]):
            grounds = True
        if not grounds:
            kept.append(one)
    return [Object(start, is_part) for start, _ in kept]


def _before_chain(plain: str, last: tuple[int, int]) -> str:
    """The words before the list that ends with `last`, from the last stop on: 建议将《…》…"""
    chain = _chain_back(plain, last, is_part=False)
    before = plain[: chain[0].place] if chain else ""
    words = re.split(r"[，；：]", before)[-1]
    match = re.search(
        r"(?:拟|建议|研究|是否|计划|准备|考虑|提请|报请|申请|不再|可以)[^\ue000]{0,12}$", words
    )
    return match[0] if match and not words.endswith("决定") else ""


def _last_mention(plain: str, before: int) -> tuple[int, int] | None:
    spans = [match.span() for match in re.finditer(MENTION, plain[:before])]
    return spans[-1] if spans else None


def _is_not_so(plain: str, verb: int) -> bool:
    """Whether a verb is planned, denied or told of by the words before it in its clause."""
    clause = re.split(r"[，；：。\ue000\ue001]", plain[:verb])[-1]
    return _is_not_so_clause(clause)


def _is_not_so_clause(clause: str) -> bool:
    words = re.sub(rf"{MOMENT}", "", clause)
    words = re.sub(r"(?:应|应当)(?:同时|予同时)", "", words)
    if words.endswith("予以"):
        words = words.removesuffix("予以")
    return bool(_NOT_SO.search(words) or _DONE_FORMERLY.search(clause))


_ANY_MOMENT = re.compile(MOMENT)
_OF_ANOTHER = re.compile(r"(?:施行|实施|执行|生效|印发|发布)?的")


def _from_when(plain: str, verb: int, days: Days, force: date | None) -> date | None:
    """From when the verb holds: as the words before it say, else with the text itself."""
    start = plain.rfind("；", 0, verb) + 1
    last = _last_mention(plain, verb)
    near = last[1] if last and last[1] > start else start
    for region, must_begin in ((near, False), (start, True)):
        for match in reversed(list(_ANY_MOMENT.finditer(plain, region, verb))):
            if must_begin and not match[0].endswith(("起", "后", "开始")):
                continue
            if _OF_ANOTHER.match(plain, match.end()):
                continue
            said = read_moment(match[0], days, force)
            if said is not None:
                return said
    return force


def _claim(kind: ClaimKind, sentence: Sentence, one: Object, day: date | None) -> Claim:
    mention = sentence.mention_at(one.place)
    return Claim(
        kind=kind,
        title=mention.title,
        number=mention.number,
        effective_on=day.isoformat() if day else None,
        quote=sentence.text,
        place=Place(sentence.paragraph, sentence.start, sentence.end),
    )
