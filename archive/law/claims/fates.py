"""What becomes of the documents of a list, and from when: as headings, cells, sentences say it."""

from __future__ import annotations

import re
from datetime import date
from enum import Enum

from archive.law.claims.claim import ClaimKind, Days
from archive.law.claims.moments import MOMENT, read_moment
from archive.law.words.mentions import folded


class Fate(Enum):
    """What a heading or a cell says becomes of a document."""

    ENDS = ClaimKind.REPEALS
    CHANGES = ClaimKind.AMENDS
    LASTS = ClaimKind.EXTENDS
    """It is in force for longer; until when or for how long, the heading or the cell says."""
    NONE = None
    """It is kept, or something is planned for it, or several things are said at once."""


_ENDS = re.compile(r"废止|失效|停止执行|终止执行|不再执行|停止施行|撤销")
_CHANGES = re.compile(r"修改|修订|修正")
_LASTS = re.compile(r"(?:期|期限|有效|执行|施行|实施)[^，。；]{0,12}(?:延长|延续|顺延)")
_STAYS = re.compile(r"继续有效|保留|现行有效|继续执行|继续实施|继续施行|确认有效|有效的")
_PLANNED = re.compile(r"拟|不予|未|建议|需要?|应当?|待|计划|立改废|暂|征求")
# What ends in part is changed.
_OF_PARTS = re.compile(
    r"(?:部分|个别|有关|相关)(?:条款|条文|内容)[^，。；]{0,8}(?:废止|失效|停止执行)"
)
_WHOLE = re.compile(r"全文|整体|继续有效|保留")
_NOT_TOLD = re.compile(r"已(?:经|被|宣布|明令)?[^，。]{0,6}(?:废止|失效|修改)")


def fate_of(words: str, *, in_cell: bool = False) -> Fate | None:
    """What a heading, or with `in_cell` a cell, says becomes of what it is about; None: nothing."""
    # What is to last longer stays.
    stays = (Fate.LASTS, _LASTS) if _LASTS.search(words) else (Fate.NONE, _STAYS)
    said = [
        fate
        for fate, pattern in ((Fate.ENDS, _ENDS), (Fate.CHANGES, _CHANGES), stays)
        if pattern.search(words)
    ]
    if not said:
        return None
    if _OF_PARTS.search(words) and not _WHOLE.search(words):
        return Fate.NONE if _PLANNED.search(words) else Fate.CHANGES
    if _PLANNED.search(words) or (not in_cell and _NOT_TOLD.search(words)):
        return Fate.NONE
    if in_cell and said[:2] == [Fate.ENDS, Fate.CHANGES]:
        return Fate.NONE
    return said[0] if len(said) == 1 else Fate.NONE


_OF_ALL = re.compile(
    r"(?:(?:废止|失效)[^。；\ue000]{0,30}(?:文件|规章|目录)[^。；\ue000]{0,20}?"
    # 对附件所列的文件宣布失效，自2024年3月31日起…
    r"|(?:附件|下列|以下|上述|目录|清单)[^。；\ue000]{0,40}?)"
    rf"(?P<moment>{MOMENT})，?(?:即|均|一律|同时)?(?:停止执行|停止施行|失效|废止|不再)"
)


def day_of_all(text: str, days: Days, force: date | None) -> date | None:
    """From when all that a decision lists has ended: 凡宣布废止的文件，自…之日起停止执行。"""
    for match in _OF_ALL.finditer(folded(text)):
        said = read_moment(match["moment"], days, force)
        if said is not None:
            return said
    return force
