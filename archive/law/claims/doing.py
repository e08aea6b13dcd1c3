"""Whether a sentence does what its verb says: not where it plans, denies, recommends or tells."""

from __future__ import annotations

import re

from archive.law.claims.moments import MOMENT

# Not done by this sentence: planned, denied, recommended, allowed, told of.
_NOT_SO = re.compile(
    r"(?:拟|不予|未|没有|建议|研究|是否|可以|(?<!许)可|应当|(?<![相适])应|需要|需|须|必须|提请|报请|申请|要求|计划|准备|考虑|"
    r"如(?!下)|若|待|尚|暂|修改|修订|制定|已经?被?|曾经?|被|继续|启动|组织|抓紧|"
    r"及时|加快|推进|适时|有序|将要|清理|陆续|逐步)[^，。；：\ue000]{0,5}$|不(?:再|能|得|宜|应|会|予|可)?$|(?:不得|不准|不许|严禁|禁止)[^，。；：\ue000]{0,10}$|(?:或者|或|以及|和|与|及|、)$"
)
_DONE_FORMERLY = re.compile(
    r"(?:已经?|曾经?)(?:被|于|由|自|在)?[^，。；：\ue000]{0,24}$|被[^，。；：]{0,30}$"
)
_PLANNED = re.compile(
    r"(?:拟|建议|研究|是否|计划|准备|考虑|提请|报请|申请|不再|可以)[^\ue000]{0,12}$|"
    r"(?:^|[^\u4e00-\u9fff])(?:如|若|倘若|假若|一旦|例如|比如)(?:原)?$"
)
_NUMBERED = re.compile(
    r"^\s*(?:第[一二三四五六七八九十百\d]+[条项]、?|[（]?[一二三四五六七八九十百\d]+[）、.．]+)\s*"
)
_STOP = re.compile(r"[，；：。\ue000\ue001]")
_ANY_MOMENT = re.compile(MOMENT)


def is_not_so(words: str) -> bool:
    """Whether a verb is planned, denied or told of by `words`, which end before it."""
    # 一、废止《…》: the sign after a number joins nothing.
    clause = _NUMBERED.sub("", _STOP.split(words)[-1])
    said = _ANY_MOMENT.sub("", clause).replace("应当同时", "").replace("应同时", "")
    return bool(_NOT_SO.search(said.removesuffix("予以")) or _DONE_FORMERLY.search(clause))


def is_planned(words: str) -> bool:
    """Whether what is done to a list is only planned by `words`, which end before the list."""
    return bool(_PLANNED.search(words)) and not words.endswith("决定")
