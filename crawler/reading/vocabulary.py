"""The labels under which portals state a document's fields, and how a label is spelt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

LABELS: Mapping[str, tuple[str, ...]] = {
    "title": ("标题", "名称", "信息名称"),
    "index_number": ("索引号",),
    "document_number": ("发文字号", "文号"),
    "issuing_agency": ("发文机构", "发文机关", "发布机构", "发文单位"),
    "category": ("信息分类", "主题分类", "组配分类", "分类"),
    "summary": ("概述", "内容概述"),
    "written_on": ("成文日期", "发文日期", "生成日期"),
    "published_at": ("公开日期", "发布日期"),
    "repealed_on": ("废止日期",),
    "validity_label": ("有效性", "公文时效", "时效性"),
}
"""For each field its labels; one that stands further left outranks one to its right."""

OTHER_LABELS = (
    *("主题词", "关键词", "关键字", "体裁分类", "服务对象", "公开方式", "公开形式", "公开类别"),
    *("公开范围", "公开时限", "公开程序", "载体类型", "文种", "语种", "生效日期", "实施日期"),
    *("施行日期", "失效日期", "效力状态", "责任部门", "信息来源", "文件来源", "发布时间"),
    *("来源", "作者", "浏览次数", "访问次数", "点击数", "责任编辑"),
)
"""Labels that fill no field, known so that they end the value before them."""

WEAK_FIELDS = frozenset({"title", "summary"})
WEAK_LABELS = frozenset({"分类"})
"""What any table may have for a heading: these count only beside labels that say more."""

NOT_STATED = frozenset({"", "无"})

# Not across the edge of a block element, which is white space too (see crawler.reading.outline).
_GAP = r"(?:[^\S\x1e]|[\u200b-\u200d\u2060\ufeff])*"


class Vocabulary:
    """The labels of one portal: the built-in ones and those that its settings add."""

    def __init__(self, further: Mapping[str, Sequence[str]]) -> None:
        given: dict[str, tuple[str, ...]] = {}
        for name, words in further.items():
            field = "validity_label" if name == "validity" else name
            given[field] = (*given.get(field, ()), *map(_word, words))
        claimed = {word for words in given.values() for word in words}
        self.labels: dict[str, tuple[str, ...]] = {
            field: (*given.get(field, ()), *(word for word in built_in if word not in claimed))
            for field, built_in in LABELS.items()
        }
        self.field_of: dict[str, str] = {
            word: field for field, words in self.labels.items() for word in words if word
        }
        known = sorted({*self.field_of, *OTHER_LABELS}, key=lambda word: (-len(word), word))
        self.pattern = re.compile("|".join(_GAP.join(map(re.escape, word)) for word in known))
        """Matches any label, however padded."""

    def is_strong(self, word: str) -> bool:
        """Whether a label is one that only a document's metadata would carry."""
        field = self.field_of.get(word)
        return field is not None and field not in WEAK_FIELDS and word not in WEAK_LABELS


def _word(label: str) -> str:
    """A label as configured, in the spelling that pages are searched for."""
    return re.sub(r"\s+", "", label).rstrip(":：")
